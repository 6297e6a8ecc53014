/** Words about alerts that are put aside, told on, and what was not delivered. */
export const alertStrings = {
  aside: {
    put: 'Put aside for a while',
    help: 'Until then nobody is told of it; then it comes back by itself if it still holds.',
    time: 'For how long',
    reason: 'Why',
    isAside: (until: string) => `Put aside until ${until}`,
    because: (by: string, reason: string) => `${by}: ${reason}`,
    back: 'Take it back now',
    told: (to: string, level: number, levels: number) =>
      `Nobody answered: told ${to} (${level} of ${levels}).`,
    next: (to: string, inTime: string) => `Without an answer ${to} is told in ${inTime}.`,
    history: 'History',
    by: (name: string) => `by ${name}`,
    steps: {
      raised: 'raised',
      worsened: 'got worse',
      returned: 'came back',
      escalated: 'nobody answered, told',
      acknowledged: 'answered',
      shelved: 'put aside',
      unshelved: 'no longer put aside',
      cleared: 'over',
      closed: 'closed',
    },
  },
  refused: {
    title: 'Refused or too late',
    empty: 'Nothing was refused.',
    columns: ['Time', 'Why', 'What'],
    retry: 'Send all once more',
    drop: 'Give all up',
    reason: 'Why they are given up',
    taken: (taken: number, sent: number) => `${taken} of ${sent} were taken.`,
    dropped: (n: number) => (n === 1 ? '1 row was given up.' : `${n} rows were given up.`),
  },
};
