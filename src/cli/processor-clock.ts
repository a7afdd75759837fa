/**
 * Milliseconds of the processor that this process has had. The time that a file may take is measured by it: that a
 * machine is busy with other things does not make a file suspect.
 */
export function processorClock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
