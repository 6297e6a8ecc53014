import { rules } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import type { RuleSettings } from '../rules/rule-sets.ts';
import { checked } from './checked.ts';

/** Every rule needs a name of its own: bits, alerts and pages are keyed by it. */
export function rulesOf(settings: readonly RuleSettings[]): Rule[] {
  const made = settings.map((rule) => rules.create(checked('rule', rules.schema, rule), {}));
  const seen = new Set<string>();
  return made.map((rule) => {
    let id = rule.id;
    for (let i = 2; seen.has(id); i += 1) id = `${rule.id}-${i}`;
    seen.add(id);
    return { ...rule, id };
  });
}
