import { bound, count, fixed, index, significant } from '../format.ts';
import { strings } from '../strings.ts';
import type { Capability, Characteristic } from '../types.ts';
import { Facts, TableHead } from './facts.tsx';
import { PoolGauges } from './pool-gauges.tsx';

interface Props {
  capability: Capability;
  characteristic: Characteristic;
}

/** The four indices, each with the bound that the data prove, and how they were made. */
export function CapabilityTable({ capability: c, characteristic }: Props) {
  const text = strings.capability;
  const { decimals, unit } = characteristic;
  const rows: [string, number | null, number | null, string][] = [
    ['Cp', c.cp, c.cpLower95, text.within],
    ['Cpk', c.cpk, c.cpkLower95, text.within],
    ['Pp', c.pp, c.ppLower95, text.overall],
    ['Ppk', c.ppk, c.ppkLower95, text.overall],
  ];
  const sigma = (value: number | null) =>
    value === null ? strings.notDefined : `${significant(value)} ${unit}`;
  return (
    <>
      <table class="indices">
        <TableHead columns={[text.index, text.estimate, text.bound, text.sigma]} />
        <tbody>
          {rows.map(([name, estimate, lower, of]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{estimate === null ? strings.notDefined : index(estimate)}</td>
              <td>
                <b>{lower === null ? strings.none : `≥ ${bound(lower)}`}</b>
              </td>
              <td class="quiet">{of}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {c.note !== undefined && <p class="note">{c.note}</p>}
      <PoolGauges characteristic={characteristic} />
      {c.reason !== null && <p class="note">{c.reason}</p>}
      <Facts
        rows={[
          [text.readings, count(c.n)],
          [text.mean, `${fixed(c.mean, decimals + 1)} ${unit}`],
          [`${text.sigma}, ${text.within}`, sigma(c.sigmaWithin)],
          [`${text.sigma}, ${text.overall}`, sigma(c.sigmaOverall)],
          [text.estimator, c.estimator || strings.none],
          [text.method, c.method || strings.none],
        ]}
      />
      <p class="quiet small">{text.noSignificance}</p>
    </>
  );
}
