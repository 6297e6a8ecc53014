/** Colours of a chart, read from the style sheet so that both follow light and dark. */
export interface Theme {
  text: string;
  muted: string;
  grid: string;
  surface: string;
  line: string;
  center: string;
  limit: string;
  alarm: string;
  warning: string;
  learning: string;
  flag: string;
  zones: string[];
  font: string;
}

export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: color('text'),
    muted: color('muted'),
    grid: color('grid'),
    surface: color('surface'),
    line: color('line'),
    center: color('center'),
    limit: color('limit'),
    alarm: color('alarm'),
    warning: color('warning'),
    learning: color('learning'),
    flag: color('flag'),
    zones: [color('zone-c'), color('zone-b'), color('zone-a')],
    font: style.fontFamily,
  };
}
