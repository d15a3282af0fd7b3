// The same thing on the command line, one click from the clipboard.

import { Fragment, useState } from 'react'
import { Button } from './Button.tsx'
import styles from './CommandLine.module.css'

export type CommandLineProps = { readonly command: string; readonly label?: string }

export function CommandLine({ command, label = 'The same on the command line' }: CommandLineProps) {
  // What was copied: another command in its place was not.
  const [copied, setCopied] = useState<string | null>(null)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command)
    setCopied(command)
  }
  const isCopied = copied === command
  return (
    <div className={styles['line']}>
      <span className="visually-hidden">{label}</span>
      <code className={styles['text']}>
        {wordsOf(command).map(({ at, word }) => (
          // A line breaks between words, not at the hyphens of an option.
          <Fragment key={at}>
            {at === 0 ? '' : ' '}
            <span className={styles['word']}>{word}</span>
          </Fragment>
        ))}
      </code>
      <Button
        look="quiet"
        onPress={() => void copy().catch(() => setCopied(null))}
        aria-label={`${isCopied ? 'Copied' : 'Copy'}: ${command}`}
      >
        <span aria-live="polite">{isCopied ? 'copied' : 'copy'}</span>
      </Button>
    </div>
  )
}

/** Each word, and where it begins. */
function wordsOf(command: string): readonly { readonly at: number; readonly word: string }[] {
  let at = 0
  return command.split(' ').map((word) => {
    const place = { at, word }
    at += word.length + 1
    return place
  })
}
