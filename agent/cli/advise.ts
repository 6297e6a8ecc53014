import { adviseBudget } from './advise-budget.ts';
import { adviseData } from './advise-data.ts';
import { adviseSampling, SAMPLING_HELP, SAMPLING_OPTIONS } from './advise-sampling.ts';
import { type Command, EXIT } from './command.ts';
import { TABLE_HELP, TABLE_OPTIONS } from './options.ts';

/** Which chart for these readings; or how many false alarms the configured charts give. */
export const advise: Command = {
  summary: 'propose a chart for readings, rules that meet an alarm budget, or a sampling plan',
  usage: 'DATA [options] | -c FILE --budget N --parts-per-hour N | --sampling --aql P [options]',
  help: [
    'With DATA (CSV or .xlsx): which chart suits these readings, and why',
    '--value NAME          column of the readings      --subgroup N|NAME   how they are grouped',
    '--lsl N, --usl N      specification limits        --target-index N    wanted (default 1.33)',
    '--stream NAME         column of cavity, spindle or head    --lot NAME   column of the lot',
    '--part NAME           column of the part number            --tool NAME  column of tool life',
    '--expected N          pieces of this part that will be made (short runs)',
    '--resolution N        smallest step of the gauge',
    '--count NAME          column of counts, with --size N|NAME inspected; --defects: not units',
    ...TABLE_HELP,
    '',
    'With -c: false alarms per shift of all configured charts, and a proposal that meets a budget',
    '-c, --config FILE     the settings file (YAML)',
    '--budget N            false alarms per shift that people tolerate (default 1)',
    '--parts-per-hour N    parts made in an hour; also 80,hardness=1.5 for single characteristics',
    '--shift DURATION      length of a shift (default 8h)',
    '--delta N             the shift that matters, in sigmas of single readings (default 1);',
    '                      auto: the one that brings the index below 1.33, where limits are given',
    ...SAMPLING_HELP,
    '',
    '--json                one object for machines',
    '',
    'exit code 0: done, the budget is met (as is or by the proposal); 1: it cannot be met;',
    '2: bad input',
  ],
  example: 'meyar advise -c config/ravi-auto-shafts.yaml --budget 1 --parts-per-hour 80',
  options: {
    config: { type: 'string', short: 'c' },
    budget: { type: 'string' },
    'parts-per-hour': { type: 'string' },
    shift: { type: 'string' },
    delta: { type: 'string' },
    json: { type: 'boolean' },
    value: { type: 'string' },
    subgroup: { type: 'string' },
    lsl: { type: 'string' },
    usl: { type: 'string' },
    'target-index': { type: 'string' },
    stream: { type: 'string' },
    lot: { type: 'string' },
    part: { type: 'string' },
    tool: { type: 'string' },
    expected: { type: 'string' },
    resolution: { type: 'string' },
    count: { type: 'string' },
    size: { type: 'string' },
    defects: { type: 'boolean' },
    ...SAMPLING_OPTIONS,
    ...TABLE_OPTIONS,
  },
  positionals: [0, 1],
  async run([file], values, terminal) {
    const config = values['config'];
    if (values['sampling'] === true) return adviseSampling(file, values, terminal);
    if (typeof config === 'string') return adviseBudget(config, values, terminal);
    if (file !== undefined) return adviseData(file, values, terminal);
    terminal.err('meyar advise: name a file of readings, a settings file with -c, or --sampling');
    return EXIT.badInput;
  },
};
