import { useState } from 'preact/hooks';
import { usePoints } from '../chart/points.ts';
import { Spark } from '../components/spark.tsx';
import { Shape } from '../components/status.tsx';
import { tolerance, withUnit } from '../format.ts';
import { useGet, useLive, useRemembered } from '../hooks.ts';
import { may } from '../session.ts';
import { Answer } from '../station/answer.tsx';
import { type Condition, type Station, stationOf } from '../station/condition.ts';
import { EventStep } from '../station/event-step.tsx';
import { strings } from '../strings.ts';
import { type Language, STATION_WORDS, type StationWords } from '../strings-station.ts';
import type { Characteristic, ManualForm } from '../types.ts';

const SHAPE: Record<Condition, 'alarm' | 'warning' | 'stale' | 'provisional' | 'ok'> = {
  stop: 'alarm',
  apart: 'alarm',
  check: 'warning',
  silent: 'stale',
  learning: 'provisional',
  well: 'ok',
};

/** One machine on one screen: a light, what to do now, three buttons; English or Urdu. */
export function StationPage({ machine }: { machine: string | undefined }) {
  const [chosen, setLanguage] = useRemembered('meyar-language');
  const language: Language = chosen === 'ur' ? 'ur' : 'en';
  const words = STATION_WORDS[language];
  const characteristics = useLive((state) => state.characteristics);
  const live = useLive((state) => state.alerts);
  const rows = [...characteristics.values()].filter((c) => c.machine === machine);
  const station = stationOf(rows, [...live.values()]);
  const lost = useLive((state) => state.connection === 'lost');
  return (
    <div class={`station ${lost ? 'unsure' : ''}`} lang={language} dir={words.dir}>
      <header class="station-top">
        <h1>
          {words.station} {machine !== undefined && <bdi>{machine}</bdi>}
        </h1>
        <span class="station-links">
          <a href="#/">{words.leave}</a>
          <button
            type="button"
            lang={language === 'ur' ? 'en' : 'ur'}
            onClick={() => setLanguage(language === 'ur' ? 'en' : 'ur')}
          >
            {STATION_WORDS[language === 'ur' ? 'en' : 'ur'].name}
          </button>
        </span>
      </header>
      {lost && <p class="banner lost">{words.lost}</p>}
      {station === undefined ? (
        <Pick words={words} />
      ) : (
        <Screen key={machine} machine={machine ?? ''} station={station} words={words} />
      )}
    </div>
  );
}

/** Machines to choose from, each with its light. */
function Pick({ words }: { words: StationWords }) {
  const characteristics = useLive((state) => state.characteristics);
  const alerts = useLive((state) => state.alerts);
  const all = [...characteristics.values()];
  const machines = [...new Set(all.map((c) => c.machine))].filter((name) => name !== '').sort();
  return (
    <>
      <h2>{words.pick}</h2>
      <ul class="stations">
        {machines.map((name) => {
          const rows = all.filter((c) => c.machine === name);
          const { condition } = stationOf(rows, [...alerts.values()]) as Station;
          return (
            <li key={name} class={`is-${SHAPE[condition]}`}>
              <a href={`#/station/${encodeURIComponent(name)}`}>
                <Shape name={SHAPE[condition]} />{' '}
                <span>
                  <bdi>{name}</bdi>
                </span>
                <span class="quiet">{words.light[condition]}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </>
  );
}

type Step = 'answer' | 'tool-change' | 'lot' | null;

interface ScreenProps {
  machine: string;
  station: Station;
  words: StationWords;
}

function Screen({ machine, station, words }: ScreenProps) {
  const [step, setStep] = useState<Step>(null);
  const [said, setSaid] = useState('');
  const { condition, worst, waiting } = station;
  const done = (text: string) => {
    setStep(null);
    setSaid(text);
  };
  const alert = waiting[0];
  // The reaction plan is about wrong values, not about none.
  const plan = condition === 'silent' ? '' : alert?.reactionPlan || worst.reactionPlan;
  const wrong = ['stop', 'apart', 'check', 'silent'].includes(condition);
  return (
    <div class={`station-screen is-${SHAPE[condition]}`}>
      <div class="light" role="status">
        <Shape name={SHAPE[condition]} />
        <p>{words.light[condition]}</p>
      </div>
      {step === 'answer' && alert !== undefined ? (
        <Answer key={alert.id} alert={alert} words={words} onDone={done} />
      ) : step === 'tool-change' || step === 'lot' ? (
        <EventStep kind={step} machine={machine} words={words} onDone={done} />
      ) : (
        <>
          <section class="todo">
            <h2>{wrong ? words.now : waiting.length > 0 ? words.unanswered : words.nothing}</h2>
            {wrong && (
              <p class="plan" dir="auto">
                {plan === '' ? words.noPlan : plan}
              </p>
            )}
          </section>
          <About characteristic={worst} words={words} />
          <Buttons machine={machine} waiting={waiting.length} words={words} onStep={setStep} />
          <p class="saved" role="status">
            {said}
          </p>
        </>
      )}
    </div>
  );
}

/** The measurement behind the light. Numbers and charts are never mirrored. */
function About({
  characteristic: c,
  words,
}: {
  characteristic: Characteristic;
  words: StationWords;
}) {
  const { id, charts, lastPointIndex } = c;
  const chart = charts[0];
  const points = usePoints({ id, chart, limit: 40, lastPointIndex, seen: true, pauseMs: 2_000 });
  return (
    <section class="about">
      <div>
        <p>
          <bdi>{c.name}</bdi>
        </p>
        <p class="quiet">{words.value}</p>
        <p class="last" dir="ltr">
          {withUnit(c.lastValue, c.decimals, c.unit)}
        </p>
        <p class="quiet" dir="ltr">
          {tolerance(c)}
        </p>
        {c.outlook != null && <p>{words.parts(c.outlook.readings)}</p>}
      </div>
      <div dir="ltr">
        <Spark points={points} label={strings.overview.spark(c.name)} />
      </div>
    </section>
  );
}

interface ButtonsProps {
  machine: string;
  waiting: number;
  words: StationWords;
  onStep: (step: Step) => void;
}

function Buttons({ machine, waiting, words, onStep }: ButtonsProps) {
  const forms = useGet<ManualForm[]>('manual').data ?? [];
  const known = useLive((state) => state.characteristics);
  const byHand = forms.find((form) => known.get(form.characteristic)?.machine === machine);
  if (!may('POST /api/alerts/:id/acknowledge')) {
    return (
      <p class="quiet">
        <a href="#/account">{words.role}</a>
      </p>
    );
  }
  return (
    <div class="station-buttons">
      <button
        type="button"
        class={waiting > 0 ? 'primary' : ''}
        disabled={waiting === 0}
        title={waiting === 0 ? words.seenHelp : undefined}
        onClick={() => onStep('answer')}
      >
        {words.buttons.seen} {waiting > 1 && <bdi>({waiting})</bdi>}
      </button>
      <button type="button" onClick={() => onStep('tool-change')}>
        {words.buttons.tool}
      </button>
      {byHand === undefined ? (
        <button type="button" onClick={() => onStep('lot')}>
          {words.buttons.lot}
        </button>
      ) : (
        <a class="button" href={`#/entry/${encodeURIComponent(byHand.characteristic)}`}>
          {words.buttons.measure}
        </a>
      )}
    </div>
  );
}
