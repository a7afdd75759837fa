import { base64Runs } from './base64-runs.ts';
import { lowerCase } from './decode.ts';
import { harmlessSpans, isHarmless, type Span } from './exempt.ts';
import type { Hit, ScanRule } from './model.ts';
import { rewrittenViews } from './rewritten.ts';
import type { RuleSet } from './rule-set.ts';
import type { Candidate } from './select.ts';
import { type Blob, base64Views, originOf, type View, wideViews } from './views.ts';

/** A text, and where its offsets lie in the file's. */
interface Layer {
  readonly text: string;
  readonly lower: string;
  readonly depth: number;
  /** False: only rules whose form gives them away look at it. */
  readonly isText: boolean;
  readonly origin: (offset: number) => number;
}

/** Base64 of base64 of base64 occurs: a Docker login in a Kubernetes secret in a bundle. */
const DEEPEST = 3;
const MOST_HITS = 10_000;
/** The name before a run of base64 is no longer than this. */
const BEFORE = 100;
const HITS_PER_CHECK = 256;

/** Runs the rules over the texts of one file, and over what is hidden in them. */
export class TextScan {
  readonly #path: string;
  readonly #rules: RuleSet;
  readonly #isLate: () => boolean;
  #hits: Candidate[] = [];
  #count = 0;
  #unchecked: string | null = null;
  #isOver = false;
  #wholeFile: number | null = null;

  /** @param isLate true once the file has taken too long */
  constructor(path: string, rules: RuleSet, isLate: () => boolean) {
    this.#path = path;
    this.#rules = rules;
    this.#isLate = isLate;
  }

  /** Why a part was not checked; `null`: all of it was. */
  get unchecked(): string | null {
    return this.#unchecked;
  }

  /** True where looking further is of no use. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Recognises the whole file by its bytes. The hit is among those of its first text. */
  lookAtBytes(bytes: Uint8Array): void {
    this.#wholeFile = this.#recognise(bytes, '');
  }

  /** The hits in one text of the file, and where comments may allow them. */
  textHits(
    text: string,
    lower: string,
    isBinary: boolean,
  ): { hits: Candidate[]; markers: readonly number[] } {
    this.#hits = [];
    if (this.#wholeFile !== null && text !== '') {
      this.#add(this.#wholeFile, wholeOf(0, text.length), text, offset => offset);
      this.#wholeFile = null;
    }
    const markers = this.#scan({ text, lower, depth: 0, isText: !isBinary, origin: offset => offset });
    return { hits: this.#hits, markers };
  }

  #scan(layer: Layer): readonly number[] {
    const places = this.#rules.search(layer.lower);
    const spans = harmlessSpans(layer.text, places.harmless);
    this.#rules.rules.forEach((rule, index) => {
      const at = places.rules[index];
      if (this.#isOver || (at === undefined && rule.keywords.length > 0)) return;
      if (!layer.isText && this.#rules.tiers[index] !== 0) return;
      if (rule.concerns !== undefined && !rule.concerns(this.#path)) return;
      this.#run(rule, index, at, layer, spans);
      this.#checkTime();
    });
    this.#scanHidden(layer, spans);
    return places.markers;
  }

  #run(
    rule: ScanRule,
    index: number,
    at: readonly number[] | undefined,
    layer: Layer,
    spans: readonly Span[],
  ): void {
    const { text, lower } = layer;
    const loose = !layer.isText;
    const source = { path: this.#path, text, lower, loose, ...(at === undefined ? {} : { at }) };
    try {
      for (const hit of rule.find(source)) {
        if (isHarmless(spans, hit.secretStart, hit.secretEnd)) continue;
        this.#add(index, hit, text, layer.origin);
        if (this.#isOver) return;
      }
    } catch {
      // What it says may quote the text.
      this.#unchecked ??= `the rule ${rule.id} failed`;
    }
  }

  #add(index: number, hit: Hit, text: string, origin: (offset: number) => number): void {
    const from = (offset: number) => origin(offset);
    // An end is the place behind the last character, which alone is known to have an origin.
    const to = (offset: number) => (offset === 0 ? origin(0) : origin(offset - 1) + 1);
    this.#hits.push({
      rule: index,
      tier: this.#rules.tiers[index] ?? 1,
      start: from(hit.start),
      end: to(hit.end),
      secretStart: from(hit.secretStart),
      secretEnd: to(hit.secretEnd),
      value: text.slice(hit.secretStart, hit.secretEnd),
    });
    this.#count += 1;
    if (this.#count >= MOST_HITS)
      this.#stop(`it has more than ${MOST_HITS} findings; the rest was not looked at`);
    else if (this.#count % HITS_PER_CHECK === 0) this.#checkTime();
  }

  #checkTime(): void {
    if (this.#isLate()) this.#stop('it took too long, so that not all of it was looked at');
  }

  #stop(reason: string): void {
    this.#isOver = true;
    this.#unchecked ??= reason;
  }

  /** What base64, escapes and wide characters hide. */
  #scanHidden(layer: Layer, spans: readonly Span[]): void {
    if (layer.depth >= DEEPEST || this.#isOver) return;
    for (const found of base64Views(base64Runs(layer.text), spans)) {
      if ('bytes' in found) this.#lookAtBlob(found, layer);
      else this.#scanView(found, layer);
      if (this.#isOver) return;
    }
    for (const view of rewrittenViews(layer.text, layer.lower)) this.#scanView(view, layer);
    if (!layer.isText)
      for (const view of wideViews(layer.text)) this.#scanView({ ...view, isText: false }, layer);
  }

  #scanView(view: View, layer: Layer): void {
    this.#scan({
      text: view.text,
      lower: lowerCase(view.text),
      depth: layer.depth + 1,
      isText: view.isText && layer.isText,
      origin: offset => layer.origin(originOf(view, offset)),
    });
  }

  #lookAtBlob({ bytes, start, end }: Blob, layer: Layer): void {
    const index = this.#recognise(bytes, layer.text.slice(Math.max(0, start - BEFORE), start));
    if (index !== null) this.#add(index, wholeOf(start, end), layer.text, layer.origin);
    this.#checkTime();
  }

  #recognise(bytes: Uint8Array, before: string): number | null {
    const found = this.#rules.byteRules.find(
      index => this.#rules.rules[index]?.inBytes?.(bytes, before) === true,
    );
    return found ?? null;
  }
}

function wholeOf(start: number, end: number): Hit {
  return { start, end, secretStart: start, secretEnd: end };
}
