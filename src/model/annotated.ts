import type { SettingValue } from './settings.ts';

/** A part of a YAML file that is to be written, with what is to be said about it. */
export type AnnotatedNode =
  | {
      readonly kind: 'entry';
      readonly key: string;
      readonly value: SettingValue;
      /** Around a text; 'needed' where somebody would read it as something else. */
      readonly quotes: 'needed' | 'always';
      /** Stands behind the key, as a comment. */
      readonly remark: string | undefined;
    }
  | {
      readonly kind: 'map';
      readonly key: string;
      readonly remark: string | undefined;
      readonly nodes: readonly AnnotatedNode[];
    }
  /** A comment on a line of its own. */
  | { readonly kind: 'remark'; readonly text: string }
  /** Written as comments, to be taken into use by taking the # away. */
  | { readonly kind: 'off'; readonly nodes: readonly AnnotatedNode[] }
  | { readonly kind: 'gap' };
