/** Loaded with --import: at its end a process says its CPU seconds and largest memory in MB. */
process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write(`peak ${(userCPUTime + systemCPUTime) / 1e6} ${maxRSS / 1024}\n`);
});
