import { adviseBudget } from './advise-budget.ts';
import { type Command, EXIT } from './command.ts';

/** Which chart for these readings; or how many false alarms the configured charts give. */
export const advise: Command = {
  summary: 'propose a chart for readings, or rules and limits that meet an alarm budget',
  usage: 'DATA [options] | -c FILE --budget N --parts-per-hour N [options]',
  help: [
    'With -c: false alarms per shift of all configured charts, and a proposal that meets a budget',
    '-c, --config FILE     the settings file (YAML)',
    '--budget N            false alarms per shift that people tolerate (default 1)',
    '--parts-per-hour N    parts made in an hour; also 80,hardness=1.5 for single characteristics',
    '--shift DURATION      length of a shift (default 8h)',
    '--delta N             the shift that matters, in sigmas of single readings (default 1);',
    '                      auto: the one that brings the index below 1.33, where limits are given',
    '--json                one object for machines',
    '',
    'exit code 0: the budget is met, as is or by the proposal; 1: it cannot be met; 2: bad input',
  ],
  example: 'meyar advise -c config/ravi-auto-shafts.yaml --budget 1 --parts-per-hour 80',
  options: {
    config: { type: 'string', short: 'c' },
    budget: { type: 'string' },
    'parts-per-hour': { type: 'string' },
    shift: { type: 'string' },
    delta: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [0, 1],
  async run([_file], values, terminal) {
    const config = values['config'];
    if (typeof config === 'string') return adviseBudget(config, values, terminal);
    terminal.err('meyar advise: name a file of readings, or a settings file with -c');
    return EXIT.badInput;
  },
};
