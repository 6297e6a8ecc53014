import type { ComponentChildren } from 'preact';
import type { Loaded } from '../hooks.ts';
import { strings } from '../strings.ts';

/** Names and values in two columns. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A part of a page with its heading. */
export function Panel(props: { title: string; class?: string; children: ComponentChildren }) {
  return (
    <section class={`panel ${props.class ?? ''}`}>
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** Loading, failed with a way on, or the content. */
export function Loading<T>({
  loaded,
  children,
}: {
  loaded: Loaded<T>;
  children: (data: T) => ComponentChildren;
}) {
  if (loaded.data !== null) return <>{children(loaded.data)}</>;
  if (loaded.error === null) return <p class="quiet">{strings.loading}</p>;
  return (
    <p class="quiet">
      {strings.failed} {loaded.error}{' '}
      <button type="button" onClick={loaded.reload}>
        {strings.retry}
      </button>
    </p>
  );
}

interface TableProps {
  label: string;
  columns: readonly string[];
  /** rows, and nothing else */
  children: ComponentChildren;
}

/** A table that may scroll inside itself on a small screen, reachable by keyboard. */
export function ScrollTable({ label, columns, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must take the focus
    <section class="scroll" aria-label={label} tabIndex={0}>
      <table>
        <TableHead columns={columns} />
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** One heading over each column; an empty one is over buttons. */
export function TableHead({ columns }: { columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
