import type { Format, FormatName } from './format.ts';

/** Loads a format, and with it the packages that it alone needs (`yaml`). */
export async function loadFormat(name: FormatName): Promise<Format> {
  switch (name) {
    case 'yaml':
      return (await import('./yaml.ts')).yamlFormat;
    case 'json':
      return (await import('./json.ts')).jsonFormat;
    case 'dotenv':
      return (await import('./dotenv.ts')).dotenvFormat;
    case 'ini':
      return (await import('./ini.ts')).iniFormat;
    case 'binary':
      return (await import('./binary.ts')).binaryFormat;
  }
}
