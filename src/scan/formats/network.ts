import { isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, matches } from './found.ts';

const WIFI = [
  'psk',
  'passphrase',
  'presharedkey',
  'wep-key',
  'wep_key',
  'leap-password',
  'password',
  'wpapassphrase',
  'sae_password',
];
const WIFI_VALUE =
  /(?:psk|passphrase|presharedkey|wep[-_]key\d?|wep_tx_key|leap-password|password|wpapassphrase|sae_password)[ \t]{0,8}=[ \t]{0,8}(?<secret>"[^"\n]{8,63}"|[^\s"#][^\n#]{7,63})/diy;

/** Keys of networks. */
export const NETWORK_RULES: readonly ScanRule[] = [
  {
    id: 'wifi-password',
    title: 'the password of a wireless network',
    keywords: WIFI,
    concerns: path =>
      /(?:\.nmconnection|\.psk|\.8021x|\.open|wpa_supplicant[^/]{0,40}|hostapd[^/]{0,40}|\.network|iwd[^/]{0,40}|wifi[^/]{0,40}\.conf)$/i.test(
        path,
      ),
    why: 'whoever reads it can join the network',
    find: source => matches(source, WIFI, WIFI_VALUE, isNetworkPassword),
  },
  {
    id: 'wpa-network',
    title: 'the password of a wireless network',
    keywords: ['network={', 'network = {'],
    why: 'whoever reads it can join the network',
    find: wpaNetworks,
  },
];

function isNetworkPassword(value: string): boolean {
  const plain = value.replace(/^"|"$/g, '').trim();
  return plain.length >= 8 && !isReference(plain) && !isPlaceholder(plain) && !/^ext:/.test(plain);
}

const PSK =
  /[\s;](?:psk|password|sae_password|wep_key\d)[ \t]{0,4}=[ \t]{0,4}(?:\\?"(?<quoted>[^"\n]{8,63}?)\\?"|(?<hex>[0-9a-fA-F]{64}))/d;

function* wpaNetworks(source: Source): Iterable<Hit> {
  for (const at of keywordPlaces(source, ['network={', 'network = {'])) {
    const block = source.text.slice(at, at + 800);
    const end = block.indexOf('}');
    const groups = PSK.exec(end < 0 ? block : block.slice(0, end))?.indices?.groups;
    const place = groups?.['quoted'] ?? groups?.['hex'];
    if (place === undefined) continue;
    if (isNetworkPassword(block.slice(place[0], place[1])))
      yield hit(at + place[0], at + place[1], at + place[0], at + place[1]);
  }
}
