import { stringify } from 'yaml';
import { InputError } from '../runtime/errors.ts';
import { propose } from '../sources/mqtt/propose.ts';
import { BROKER_HELP, BROKER_OPTIONS, listenTo, printTopics } from './broker-listen.ts';
import { type Command, EXIT } from './command.ts';

/** Listens to a broker nobody has described. */
export const discover: Command = {
  summary: 'listen to a broker: topics, rates, shapes, and settings to begin with',
  usage: 'mqtt URL [--for 30s] [--topic FILTER] [--username NAME --password TEXT] [--json]',
  help: [
    'URL              mqtt://host:port, mqtts:// (TLS), ws:// or wss://',
    ...BROKER_HELP,
    '--json           {topics: [{topic, messages, retained, perSecond, form, paths}], settings}',
    '',
    'Only listens, with a session that the broker forgets. The settings at the end are a proposal:',
    'units, tolerances and which counter counts parts only people know.',
  ],
  example: 'meyar discover mqtt mqtt://10.0.0.5:1883 --for 60s --topic "ravi/#"',
  options: { ...BROKER_OPTIONS, json: { type: 'boolean' } },
  positionals: [2, 2],
  async run([kind = '', url = ''], values, terminal) {
    if (kind !== 'mqtt') throw new InputError(`discover ${kind}: there is only 'mqtt'`);
    const { discovery } = await listenTo(url, values, terminal);
    const topics = discovery.findings().sort((a, b) => (a.topic < b.topic ? -1 : 1));
    const settings = propose(url, topics);
    if (values['json'] === true) {
      terminal.out(JSON.stringify({ topics, more: discovery.more(), settings }));
    } else if (topics.length === 0) {
      terminal.out('nothing was sent; listen longer (--for 5m), or to another --topic');
    } else {
      printTopics(topics, discovery.more(), terminal);
      terminal.out(
        '\n# a proposal: save it from here on as plant.yaml, and correct names, units and tolerances;\n' +
          '# then: meyar check plant.yaml, and meyar test plant.yaml\n',
      );
      terminal.out(stringify(settings));
    }
    return topics.length === 0 ? EXIT.foundWrong : EXIT.done;
  },
};
