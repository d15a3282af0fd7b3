// Questions about another machine, asked at the terminal: is this its key, what is the passphrase or password. Asked one at
// a time on standard error, answered on standard input; what must not be seen is not echoed and is kept nowhere.

import { emitKeypressEvents, type Key } from 'node:readline'
import type { ReadStream } from 'node:tty'
import type { Writable } from 'node:stream'
import { printable } from '../../shared/text/format.ts'
import type { HostKeyQuestion, SecretQuestion, SshQuestions } from '../engine/ssh/questions.ts'

export type Terminal = {
  readonly input: Pick<ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>
  readonly output: Writable
  /** Ctrl-C while a question stands there. */
  readonly onInterrupt: () => void
}

const maxAnswerLength = 1024

export class TerminalQuestions implements SshQuestions {
  readonly #terminal: Terminal
  #last: Promise<unknown> = Promise.resolve()
  #isPrepared = false

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  async acceptHostKey({ machine, keyType, fingerprint }: HostKeyQuestion): Promise<boolean> {
    return await this.#inTurn(async () => {
      this.#say(`${machine} is not known yet. Its ${keyType} key is ${fingerprint}.\n`)
      this.#say('Compare it with what its administrator tells you. ')
      for (;;) {
        const answer = await this.#line('Is it right (yes/no)? ', true)
        if (answer === null || /^no?$/i.test(answer.trim())) return false
        if (/^yes$/i.test(answer.trim())) return true
        this.#say('Please write yes or no. ')
      }
    })
  }

  async secret({ kind, machine, what, echo, attempt }: SecretQuestion): Promise<string | null> {
    return await this.#inTurn(async () => {
      if (attempt > 1 && kind !== 'answer') this.#say('That was not right. ')
      const prompt = {
        passphrase: `Passphrase of the key ${what} (for ${machine}): `,
        password: `Password for ${machine}: `,
        answer: `${machine} asks: ${what} `,
      }[kind]
      return await this.#line(prompt, echo)
    })
  }

  #inTurn<T>(ask: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(ask)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #say(text: string): void {
    this.#terminal.output.write(printable(text).replaceAll('\\x0a', '\n'))
  }

  /** Null: Ctrl-C or Ctrl-D. */
  async #line(prompt: string, echo: boolean): Promise<string | null> {
    const { input, output, onInterrupt } = this.#terminal
    if (!this.#isPrepared) emitKeypressEvents(input as ReadStream)
    this.#isPrepared = true
    this.#say(prompt)
    input.setRawMode(true)
    input.resume()
    let text = ''
    const answer = await new Promise<string | null>((resolve) => {
      const onKey = (given: string | undefined, key: Key): void => {
        const end = (result: string | null): void => {
          input.off('keypress', onKey)
          resolve(result)
        }
        if (key.ctrl === true && key.name === 'c') {
          end(null)
          onInterrupt()
        } else if (key.ctrl === true && key.name === 'd') end(null)
        else if (key.name === 'return' || key.name === 'enter') end(text)
        else if (key.name === 'backspace') {
          if (echo && text !== '') output.write('\b \b')
          text = Array.from(text).slice(0, -1).join('')
        } else if (key.ctrl === true && key.name === 'u') text = ''
        else if (given !== undefined && !/\p{Cc}/u.test(given) && text.length < maxAnswerLength) {
          text += given
          if (echo) output.write(given)
        }
      }
      input.on('keypress', onKey)
    })
    input.setRawMode(false)
    input.pause()
    output.write('\n')
    return answer
  }
}
