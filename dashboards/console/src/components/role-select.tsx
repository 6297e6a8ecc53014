import { strings } from '../strings.ts';
import type { Role } from '../types.ts';

const ROLES: readonly Role[] = ['viewer', 'operator', 'quality', 'admin'];

interface Props {
  value: Role;
  onRole: (role: Role) => void;
  /** a program never administers */
  withAdmin?: boolean;
}

/** One of the roles; what each may do stands in its title. */
export function RoleSelect({ value, onRole, withAdmin = true }: Props) {
  const { roles, rights, role: label } = strings.people;
  return (
    <select
      aria-label={label}
      title={rights[value]}
      value={value}
      onChange={(event) => onRole(event.currentTarget.value as Role)}
    >
      {ROLES.filter((one) => withAdmin || one !== 'admin').map((one) => (
        <option key={one} value={one}>
          {roles[one]}
        </option>
      ))}
    </select>
  );
}
