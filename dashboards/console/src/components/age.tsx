import { age } from '../format.ts';
import { useNow } from '../hooks.ts';
import { strings } from '../strings.ts';

/** How old the last data are; counts on by itself, so that a dead line is seen. */
export function Age({ at, staleAfterMs }: { at: string | null; staleAfterMs?: number }) {
  const now = useNow();
  if (at === null) return <span class="age old">{strings.age.none}</span>;
  const ms = Math.max(0, now - Date.parse(at));
  const old = staleAfterMs !== undefined && ms > staleAfterMs;
  return (
    <time class={old ? 'age old' : 'age'} dateTime={at} title={strings.age.title}>
      {strings.ago(age(ms))}
    </time>
  );
}
