/** What the process tells its caller. Scripts rely on these numbers: they are documented in the README. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  conflict: 3,
  template: 4,
  command: 5,
  cancelled: 130,
} as const;

/** A failure that the person at the terminal can act on: its message is printed as it stands, without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';

  constructor(
    message: string,
    readonly exitCode: number,
    /** Facts for `--json`, e.g. the names of the files in the way. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

export class UsageError extends UserError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

export class ConflictError extends UserError {
  override readonly name = 'ConflictError';

  constructor(message: string, conflicts: readonly string[]) {
    super(message, EXIT.conflict, { conflicts });
  }
}

export class TemplateError extends UserError {
  override readonly name = 'TemplateError';

  constructor(message: string) {
    super(message, EXIT.template);
  }
}

/** The disk refused: full, read-only, not permitted. Whatever had been begun is undone before this is thrown. */
export class WriteError extends UserError {
  override readonly name = 'WriteError';

  constructor(message: string) {
    super(message, EXIT.unexpected);
  }
}

/** A command that runs after writing failed. The project stays; the message says how to go on. */
export class CommandError extends UserError {
  override readonly name = 'CommandError';

  /** @param resume what to type to go on */
  constructor(
    message: string,
    readonly resume: string,
    details: UserError['details'] = {},
  ) {
    super(message, EXIT.command, { written: true, resume, ...details });
  }
}

export class Cancelled extends UserError {
  override readonly name = 'Cancelled';

  constructor(message = 'Cancelled. Nothing was written.', exitCode: number = EXIT.cancelled) {
    super(message, exitCode);
  }
}
