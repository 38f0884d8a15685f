import { type Builds, importsLibrary } from "./builds.js";
import type { History } from "./history.js";
import { kernelInfo } from "./kernelInfo.js";
import { log } from "./log.js";
import type { CellError, Outcome, Question, Report } from "./messages.js";
import { Output } from "./output.js";
import { boundedError, boundedExpressions } from "./shownLimit.js";
import type { Channel, Sockets } from "./sockets.js";
import type { Message } from "./wire.js";
import { Worker } from "./worker.js";

type Content = Record<string, unknown>;

/**
 * How long (ms) process 2 has for a question while a cell runs; a cell that computes without a pause cannot be asked.
 */
const PATIENCE = 1000;
/** A question to the learner is cut after so many characters. */
const LONGEST_QUESTION = 20_000;
/** A cell's late output still finds its cell if it was among this many. */
const REMEMBERED = 2000;

/**
 * Process 1: speaks Jupyter's protocol and always answers, whatever the cells do. Requests that depend on what has run
 * (execute, complete, inspect, history) wait for their turn; the others are answered at once.
 */
export class Kernel {
  readonly #sockets: Sockets;
  readonly #history: History;
  readonly #builds: Builds;
  readonly #worker: Worker;
  readonly #output: Output;
  readonly #onEnd: () => void;
  #queue: Message[] = [];
  #working = false;
  #executing: Message | undefined;
  /** A request whose cell was interrupted before it had begun. */
  #interrupted: Message | undefined;
  #count = 0;
  #cells = 0;
  /** Cell -> the request that it came with. */
  readonly #requests = new Map<number, Message>();
  #input: { id: number; request: Message } | undefined;

  constructor(root: string, sockets: Sockets, history: History, builds: Builds, onEnd: () => void) {
    this.#sockets = sockets;
    this.#history = history;
    this.#builds = builds;
    this.#onEnd = onEnd;
    this.#output = new Output((type, content, cell) => {
      const request = this.#requests.get(cell);
      if (request?.content.silent !== true) sockets.publish(type, content, request);
    });
    this.#worker = new Worker(root, {
      report: (report) => this.#hear(report),
      native: (cell, name, text) => this.#output.native(cell, name, text),
    });
  }

  start(): void {
    this.#sockets.publish("status", { execution_state: "starting" }, undefined);
    this.#sockets.listen((channel, message) => this.#receive(channel, message));
  }

  interrupt(): void {
    this.#interrupted = this.#executing;
    this.#worker.interrupt();
  }

  stop(): void {
    this.#worker.stop();
  }

  #receive(channel: Channel, message: Message): void {
    if (channel === "stdin") this.#receiveInput(message);
    else if (IN_TURN.has(message.header.msg_type)) {
      this.#queue.push(message);
      void this.#work();
      if (this.#executing !== undefined && message.header.msg_type !== "execute_request") this.#answerIfLate(message);
    } else void this.#answer(channel, message);
  }

  /** Answers a request outside the turn. */
  async #answer(channel: Channel, message: Message): Promise<void> {
    const type = message.header.msg_type;
    await this.#whileBusy(message, async () => {
      const content = await this.#contentFor(channel, message);
      if (content !== undefined) this.#sockets.reply(channel, type.replace("_request", "_reply"), content, message);
      if (type === "shutdown_request") this.#sockets.publish("shutdown_reply", content ?? {}, message);
    });
    if (type === "shutdown_request") this.#onEnd();
  }

  async #contentFor(channel: Channel, { header, content }: Message): Promise<Content | undefined> {
    switch (header.msg_type) {
      case "kernel_info_request":
        return kernelInfo;
      case "connect_request":
        return { status: "ok" };
      case "comm_info_request":
        return { status: "ok", comms: {} };
      case "comm_open":
        // No comm has a target here; the other side learns it from this.
        this.#sockets.publish("comm_close", { comm_id: content.comm_id, data: {} }, { header } as Message);
        return undefined;
      case "is_complete_request":
        return (await this.#ask({ kind: "isComplete", code: textOf(content.code) })) ?? { status: "unknown" };
      case "interrupt_request":
        this.interrupt();
        return { status: "ok" };
      case "shutdown_request":
        this.#worker.stop();
        return { status: "ok", restart: content.restart === true };
      case "debug_request":
        return {
          type: "response",
          seq: 0,
          request_seq: Number(content.seq ?? 0),
          command: content.command ?? "",
          success: false,
          message: "This kernel has no debugger (kernel_info: debugger false).",
          body: {},
        };
      default:
        if (/_request$/.test(header.msg_type)) {
          log(`no answer to ${header.msg_type} on ${channel}`);
        }
        return undefined;
    }
  }

  /** One request after the other, as they came. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      const type = message.header.msg_type;
      if (type === "execute_request") await this.#execute(message);
      else await this.#answerInTurn(message);
    }
    this.#working = false;
  }

  async #answerInTurn(message: Message): Promise<void> {
    const { content } = message;
    const type = message.header.msg_type.replace("_request", "_reply");
    await this.#whileBusy(message, async () => {
      const [code, position] = [textOf(content.code), Number(content.cursor_pos ?? 0) || 0];
      let reply: Content | undefined;
      if (type === "history_reply") reply = { status: "ok", history: this.#history.find(content) };
      else if (type === "complete_reply") {
        reply = (await this.#ask({ kind: "complete", code, position })) ?? {
          status: "ok",
          matches: [],
          cursor_start: position,
          cursor_end: position,
          metadata: {},
        };
      } else {
        const detail = Number(content.detail_level ?? 0) || 0;
        reply = (await this.#ask({ kind: "inspect", code, position, detail })) ?? {
          status: "ok",
          found: false,
          data: {},
          metadata: {},
        };
      }
      this.#sockets.reply("shell", type, reply, message);
    });
  }

  /** A question that has waited long behind a running cell is answered from what is known now. */
  #answerIfLate(message: Message): void {
    setTimeout(() => {
      const at = this.#queue.indexOf(message);
      if (at < 0) return;
      this.#queue.splice(at, 1);
      void this.#answerInTurn(message);
    }, PATIENCE / 2);
  }

  async #ask(question: Question): Promise<Content | undefined> {
    if (this.#executing === undefined) await this.#worker.ready;
    return this.#worker.ask(question, this.#executing === undefined ? 10 * PATIENCE : PATIENCE);
  }

  async #execute(message: Message): Promise<void> {
    const { content } = message;
    const code = textOf(content.code);
    const silent = content.silent === true;
    const stored = !silent && content.store_history !== false;
    if (stored) this.#count += 1;
    const count = this.#count;
    let aborted: Message[] = [];
    this.#executing = message;
    await this.#whileBusy(message, async () => {
      if (!silent) this.#sockets.publish("execute_input", { code, execution_count: count }, message);
      if (stored && code.trim() !== "") this.#history.add(count, code);
      const outcome = await this.#run(message, code, count, silent).catch(mistake);
      this.#input = undefined;
      const { error, shown, expressions } = outcome;
      this.#output.flush();
      const told = error === undefined ? undefined : boundedError(error);
      if (error !== undefined && content.stop_on_error !== false) aborted = await this.#takeQueue();
      if (told !== undefined && !shown && !silent) this.#sockets.publish("error", { ...told }, message);
      const status =
        told === undefined
          ? { status: "ok", user_expressions: boundedExpressions(expressions), payload: [] }
          : { status: "error", ...told };
      this.#sockets.reply("shell", "execute_reply", { ...status, execution_count: count }, message);
    });
    this.#executing = undefined;
    for (const request of aborted) {
      await this.#whileBusy(request, async () => {
        this.#sockets.reply("shell", "execute_reply", { status: "aborted", execution_count: count }, request);
      });
    }
  }

  async #run(message: Message, code: string, count: number, silent: boolean): Promise<Outcome> {
    this.#cells += 1;
    const cell = this.#cells;
    // Without the code, which may be long.
    const { allow_stdin } = message.content;
    this.#requests.set(cell, { ...message, content: { silent, allow_stdin }, buffers: [] });
    this.#requests.delete(cell - REMEMBERED);
    if (importsLibrary(code)) {
      const note = await this.#builds.refresh((order) => this.#worker.send(order));
      if (note !== undefined) this.#output.stream(cell, "stderr", note);
    }
    if (this.#interrupted === message) return { error: interruptError(), expressions: {} };
    const wanted = Object.entries(message.content.user_expressions ?? {});
    const expressions = Object.fromEntries(wanted.map(([name, expression]) => [name, textOf(expression)]));
    if (code.trim() === "" && Object.keys(expressions).length === 0) return { expressions: {} };
    return this.#worker.execute({ type: "execute", cell, label: `cell ${count}`, code, silent, expressions });
  }

  /**
   * The cells that were sent along with one that failed; they are not run. Called before the failure is answered, since
   * what comes after the answer is a new wish.
   */
  async #takeQueue(): Promise<Message[]> {
    // What the client sent at the same time may still be in the socket.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const isCell = (message: Message) => message.header.msg_type === "execute_request";
    const taken = this.#queue.filter(isCell);
    this.#queue = this.#queue.filter((message) => !isCell(message));
    return taken;
  }

  #hear(report: Report): void {
    switch (report.type) {
      case "stream":
        this.#output.stream(report.cell, report.name, report.text);
        break;
      case "display":
        this.#output.display(report);
        break;
      case "result":
        this.#output.result(report.cell, report.bundle, report.metadata, this.#count);
        break;
      case "error":
        this.#output.error(report.cell, report.error);
        break;
      case "input":
        this.#askLearner(report);
        break;
    }
  }

  #askLearner({ cell, id, question, password }: Extract<Report, { type: "input" }>): void {
    const request = this.#requests.get(cell);
    this.#output.flush();
    if (request === undefined || request.content.allow_stdin !== true) {
      const failure = "prompt: whoever runs this notebook takes no questions (allow_stdin is false)";
      this.#worker.send({ type: "input", id, failure });
      return;
    }
    this.#input = { id, request };
    this.#sockets.reply("stdin", "input_request", { prompt: question.slice(0, LONGEST_QUESTION), password }, request);
  }

  #receiveInput(message: Message): void {
    if (message.header.msg_type !== "input_reply" || this.#input === undefined) return;
    this.#worker.send({ type: "input", id: this.#input.id, value: textOf(message.content.value) });
    this.#input = undefined;
  }

  /** Says busy and idle around the work for a request. While a cell runs, the kernel as a whole stays busy. */
  async #whileBusy(message: Message, work: () => Promise<void>): Promise<void> {
    this.#sockets.publish("status", { execution_state: "busy" }, message);
    try {
      await work();
    } catch (error) {
      log(`${message.header.msg_type}: ${error instanceof Error ? error.stack : error}`);
    }
    this.#sockets.publish("status", { execution_state: "idle" }, message);
    const executing = this.#executing;
    if (executing !== undefined && executing !== message) {
      this.#sockets.publish("status", { execution_state: "busy" }, executing);
    }
  }
}

const IN_TURN = new Set(["execute_request", "complete_request", "inspect_request", "history_request"]);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const errorOf = (ename: string, evalue: string): CellError => {
  return { ename, evalue, traceback: [`\x1b[31m${ename}\x1b[39m: ${evalue}`] };
};
const interruptError = () => errorOf("InterruptError", "The cell was interrupted.");

/** A cell is answered even if the mistake is ours. */
function mistake(error: unknown): Outcome {
  log(`${error instanceof Error ? error.stack : error}`);
  return { error: errorOf("KernelError", `The kernel could not run this cell: ${error}`), expressions: {} };
}
