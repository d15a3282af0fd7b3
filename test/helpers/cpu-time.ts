// Time this process has computed, for tests of what must not take long: on a loaded machine it is not longer than on an
// idle one, unlike the time on the clock.

export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
