import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { OwnSession } from '../types.ts';
import { Loading, Panel, ScrollTable } from './facts.tsx';
import { Refused, TextField, useSubmit } from './fields.tsx';

const text = strings.people.screens;

/** One's own screens, and the way to log out there with the password typed once more. */
export function OwnSessions() {
  const loaded = useGet<OwnSession[]>('sessions');
  const now = useNow();
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Panel title={text.title} class="entry-wide">
      <Loading loaded={loaded}>
        {(sessions) => (
          <>
            <ScrollTable label={text.title} columns={text.columns}>
              {sessions.map((one) => (
                <tr key={one.id}>
                  <td>{time(one.createdAt, now, false)}</td>
                  <td>{time(one.seenAt, now, false)}</td>
                  <td>{one.address}</td>
                  <td>
                    {one.own ? (
                      text.here
                    ) : (
                      <button
                        type="button"
                        aria-pressed={chosen === one.id}
                        onClick={() => setChosen(chosen === one.id ? null : one.id)}
                      >
                        {text.end}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </ScrollTable>
            {sessions.length > 1 && <End id={chosen} onDone={loaded.reload} />}
          </>
        )}
      </Loading>
    </Panel>
  );
}

function End({ id, onDone }: { id: string | null; onDone: () => void }) {
  const [password, setPassword] = useState('');
  const [ended, setEnded] = useState<number | null>(null);
  const { error, busy, submit } = useSubmit(async () => {
    const done = await post<{ ended: number }>('sessions/end', { password, id });
    setPassword('');
    setEnded(done.ended);
    onDone();
  });
  return (
    <form class="stack" onSubmit={submit} aria-label={text.title}>
      <TextField
        label={strings.people.password}
        type="password"
        value={password}
        onText={setPassword}
        autocomplete="current-password"
      />
      <button type="submit" disabled={busy}>
        {id === null ? text.endAll : text.end}
      </button>
      <Refused error={error} />
      <p role="status">{ended !== null && text.ended(ended)}</p>
    </form>
  );
}
