// What only a person can answer while somebody logs in to a machine: is this its key, and what is the secret. A terminal, a
// window or a test answers; where there is nobody to ask, there are no questions and what needs one is refused.

export type HostKeyQuestion = {
  /** USER is left out on purpose: it is not sent before this is answered. */
  readonly machine: string
  /** As OpenSSH names it: ssh-ed25519. */
  readonly keyType: string
  /** SHA256:… */
  readonly fingerprint: string
}

export type SecretQuestion = {
  readonly kind: 'passphrase' | 'password' | 'answer'
  readonly machine: string
  /** The file of the key, or the words of the server; printable. */
  readonly what: string
  /** False: what is typed must not be seen. */
  readonly echo: boolean
  /** From 1. */
  readonly attempt: number
}

/** Rejecting, with an AppError, ends the attempt to log in. `signal`: that attempt is over, and so is the question. */
export interface SshQuestions {
  /** Whether the key is the machine's. Asked once for each machine. */
  acceptHostKey(question: HostKeyQuestion, signal?: AbortSignal): Promise<boolean>
  /** Null: the person would rather not. */
  secret(question: SecretQuestion, signal?: AbortSignal): Promise<string | null>
}
