// Errors of set-up: one sentence that says what was wrong and what to do, and below it the end of what the tool said.
import { sentences } from "./sentences.mjs";

export class SetupError extends Error {
  /**
   * @param {string} message one sentence: what is missing or broken, and what to do
   * @param {string} [output] the end of what the failing tool printed
   */
  constructor(message, output = "") {
    super(message);
    this.name = "SetupError";
    this.output = output;
  }
}

/** What people can do about the failures that every tool has in common, recognised by what the tool printed. */
const CAUSES = [
  {
    cause: "lock file",
    signs: /npm ci. can only install packages when/,
    say: sentences.lockFile.say,
  },
  {
    cause: "disk",
    signs: /ENOSPC|EDQUOT|no space left on device|errno 28|disk quota exceeded/i,
    say: sentences.disk.say,
  },
  {
    cause: "permission",
    signs: /EACCES|EPERM|EROFS|permission denied|errno 13\b|read-only file system/i,
    say: sentences.permission.say,
  },
  {
    cause: "network",
    signs:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|network is unreachable|name resolution|failed to establish a new connection|newconnectionerror|connecttimeout|read timed out|proxyerror|getaddrinfo|certificate verify failed/i,
    say: sentences.network.say,
  },
];

/**
 * The cause that a tool's output shows, if it is a known one.
 * @returns {string | undefined} "disk", "permission", "network" or "lock file"
 */
export function causeOf(output) {
  return CAUSES.find(({ signs }) => signs.test(output))?.cause;
}

/** The error for a tool that failed: the known cause in one sentence, or the step's name and where the log is. */
export function explain(what, output) {
  const known = CAUSES.find(({ signs }) => signs.test(output));
  return new SetupError((known ?? sentences.unknown).say(what), output);
}
