import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { fixed, significant, time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Limits } from '../types.ts';
import { Loading, ScrollTable } from './facts.tsx';
import { SignedField, usePerson } from './person.tsx';

/** Every version of the limits; one that nobody approved yet can be approved here. */
export function LimitsHistory({ characteristic: c }: { characteristic: Characteristic }) {
  const path = `characteristics/${encodeURIComponent(c.id)}/limits`;
  const loaded = useGet<Limits[]>(path, c.limits?.version);
  const text = strings.limits;
  const { version, center, sigma, basis, frozen, approved } = text;
  const columns = [version, center, sigma, basis, frozen, approved];
  return (
    <Loading loaded={loaded}>
      {(versions) =>
        versions.length === 0 ? (
          <p class="quiet">{text.empty}</p>
        ) : (
          <ScrollTable label={strings.characteristic.limits} columns={columns}>
            {versions
              .toSorted((a, b) => b.version - a.version)
              .map((one) => (
                <Row key={one.version} limits={one} decimals={c.decimals} onDone={loaded.reload} />
              ))}
          </ScrollTable>
        )
      }
    </Loading>
  );
}

function Row(props: { limits: Limits; decimals: number; onDone: () => void }) {
  const { limits: l, decimals, onDone } = props;
  const now = useNow();
  const text = strings.limits;
  return (
    <tr>
      <th scope="row">{l.version}</th>
      <td>{fixed(l.center, decimals + 1)}</td>
      <td>{significant(l.sigma)}</td>
      <td class="words">{basis(l)}</td>
      <td>{time(l.frozenAt, now, false)}</td>
      <td>
        {l.approvedBy === null ? (
          <Approve limits={l} onDone={onDone} />
        ) : (
          text.by(l.approvedBy, time(l.approvedAt, now, false))
        )}
      </td>
    </tr>
  );
}

/** 'baseline, rbar/d2, 25 subgroups, 125 readings, 1 outside' */
function basis(l: Limits): string {
  const text = strings.limits;
  const counts = l.subgroups === 0 ? [] : [text.subgroups(l.subgroups, l.readings)];
  const outside = l.baselineOutside === 0 ? [] : [text.outside(l.baselineOutside)];
  return [text.origins[l.origin], l.estimator, ...counts, ...outside].join(', ');
}

function Approve({ limits, onDone }: { limits: Limits; onDone: () => void }) {
  const [open, setOpen] = useState(false);
  const person = usePerson();
  const [error, setError] = useState('');
  const text = strings.limits;
  if (!may('POST /api/characteristics/:id/limits/:version/approve')) {
    return <span class="quiet">{text.notYet}</span>;
  }
  if (!open) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {text.approve}
      </button>
    );
  }
  const submit = async (event: Event) => {
    event.preventDefault();
    const id = encodeURIComponent(limits.characteristic);
    try {
      await post(`characteristics/${id}/limits/${limits.version}/approve`, person.as('by'));
      onDone();
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  return (
    <form class="inline" onSubmit={submit} aria-label={text.approveVersion(limits.version)}>
      <SignedField person={person} label={text.name} />
      <button type="submit" class="primary">
        {text.confirm}
      </button>
      <button type="button" onClick={() => setOpen(false)}>
        {text.cancel}
      </button>
      {error !== '' && <p role="alert">{error}</p>}
    </form>
  );
}
