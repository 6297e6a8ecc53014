import { render } from 'preact';
import { App } from './app.tsx';
import { startLive } from './live.ts';
import { loadMe, watchSession } from './session.ts';

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
watchSession();
begin();

/** The stream begins when it is known who sits here; an agent that is away is asked again. */
function begin(): void {
  loadMe().then(
    (me) => {
      if (me.role !== null) startLive();
    },
    () => setTimeout(begin, 2000),
  );
}
