// Passwords that were right, for a connection that has to be made again. In memory only: never printed, never kept.

export class LoginMemory {
  readonly #passwords: Map<string, string>

  constructor(known: LoginMemory['all'] = []) {
    this.#passwords = new Map(known)
  }

  /** For another thread of this process. */
  get all(): readonly (readonly [machine: string, password: string])[] {
    return [...this.#passwords]
  }

  password(machine: string): string | null {
    return this.#passwords.get(machine) ?? null
  }

  remember(machine: string, password: string): void {
    this.#passwords.set(machine, password)
  }

  forget(machine: string): void {
    this.#passwords.delete(machine)
  }
}
