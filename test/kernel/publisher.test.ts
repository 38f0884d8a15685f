import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { Subscriber } from "zeromq";
import { Publisher } from "../../lib/src/kernel/publisher.js";
import { command, FrameReader, frame, GREETING, message, ready } from "../../lib/src/kernel/zmtp.js";

/* The publisher of iopub, read by ZeroMQ itself, and by clients that speak its protocol by hand. */
const HOST = "127.0.0.1";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("kernel/zmtp", () => {
  it("greets, makes itself known and frames as the specification's examples do", () => {
    // RFC 23: signature, version, mechanism, as-server, filler.
    const greeting = `ff00000000000000017f0300${Buffer.from("NULL").toString("hex")}`;
    expect(GREETING.toString("hex")).to.equal(greeting.padEnd(128, "0"));
    // A command frame: flags 4, size, "\x05READY", then each property with a length of one byte and one of four.
    expect(ready("PUB").toString("latin1")).to.equal("\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB");
    expect([...frame(Buffer.from("x"), 1)]).to.deep.equal([1, 1, 120]);
    expect([...frame(Buffer.alloc(256)).subarray(0, 9)]).to.deep.equal([2, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(frame(Buffer.alloc(255))).to.have.length(257);
    expect([...message([Buffer.from("a"), Buffer.from("b")])]).to.deep.equal([1, 1, 97, 0, 1, 98]);
  });

  it("reads back what it writes, however it is cut into pieces", () => {
    const parts = fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 600 })), { maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 700 }), (said, step) => {
        const frames = said.map(([is, data]) => (is ? command("NAME", data) : frame(data)));
        const bytes = Buffer.concat([GREETING, ...frames]);
        const reader = new FrameReader();
        const got: unknown[] = [];
        for (let at = 0; at < bytes.length; at += step)
          for (const { command: name, data } of reader.read(bytes.subarray(at, at + step)))
            got.push([name === "NAME", Uint8Array.from(data)]);
        expect(got).to.deep.equal(said);
      }),
    );
  });

  it("refuses another protocol, another mechanism, an old version and a frame of a gigabyte", () => {
    const reads = (...bytes: Buffer[]) => new FrameReader().read(Buffer.concat(bytes));
    const greeting = (change: (bytes: Buffer) => void) => {
      const bytes = Buffer.from(GREETING);
      change(bytes);
      return bytes;
    };
    expect(() => reads(Buffer.from("GET / HTTP/1.1\r\n"))).to.throw("no ZMTP");
    expect(() => reads(greeting((bytes) => bytes.write("PLAIN", 12)))).to.throw("PLAIN");
    expect(() => reads(greeting((bytes) => (bytes[10] = 1)))).to.throw("ZMTP 1");
    expect(() => reads(GREETING, Buffer.from([2, 0, 0, 0, 0, 64, 0, 0, 0]))).to.throw("1073741824 bytes");
  });
});

describe("kernel/publisher", () => {
  let publisher: Publisher;
  let port: number;
  const sockets: (Subscriber | Socket)[] = [];

  beforeEach(async () => {
    publisher = new Publisher(10_000_000);
    port = await freePort();
    await publisher.bind({ host: HOST, port });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket instanceof Subscriber ? socket.close() : socket.destroy();
    await publisher.close();
  });

  /** ZeroMQ's own subscriber, which has heard its first message. */
  async function subscriber(topic = "", address = `tcp://${HOST}:${port}`): Promise<Subscriber> {
    const socket = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
    sockets.push(socket);
    socket.connect(address);
    socket.subscribe(topic);
    const hello = setInterval(() => publisher.publish([Buffer.from(`${topic}hello`)]), 10);
    await socket.receive();
    clearInterval(hello);
    publisher.publish([Buffer.from(`${topic}begin`)]);
    while (!(await socket.receive())[0]!.equals(Buffer.from(`${topic}begin`)));
    return socket;
  }

  /** A client of our own, which reads no more once it has subscribed. */
  async function idle(): Promise<Socket> {
    const socket = connect(port, HOST);
    sockets.push(socket);
    socket.write(Buffer.concat([GREETING, ready("SUB"), frame(Buffer.from([1]))]));
    const publishing = setInterval(() => publisher.publish([Buffer.from("hello")]), 10);
    let got = "";
    socket.on("data", (bytes) => (got += bytes.toString("latin1")));
    await until(() => got.includes("hello"));
    clearInterval(publishing);
    socket.pause();
    return socket;
  }

  it("is read by ZeroMQ: frames of every size, in order, and only what is subscribed to", async () => {
    const [all, some] = [await subscriber(), await subscriber("b")];
    const sizes = [0, 1, 255, 256, 70_000, 3_000_000];
    for (const [index, size] of sizes.entries())
      publisher.publish([Buffer.from(index % 2 === 0 ? "a" : "b"), Buffer.alloc(size, index), Buffer.alloc(0)]);
    const read = async (socket: Subscriber, indices: number[]) => {
      for (const index of indices) {
        const frames = await socket.receive();
        expect(frames.map((part) => part.length)).to.deep.equal([1, sizes[index]!, 0]);
        expect(frames[1]!.every((byte) => byte === index)).to.equal(true);
      }
    };
    // What the other one was greeted with.
    while (!(await all.receive())[0]!.equals(Buffer.from("bbegin")));
    await read(all, [0, 1, 2, 3, 4, 5]);
    await read(some, [1, 3, 5]);
  });

  it("holds back a bounded number of bytes for who does not read, and everything arrives at who does", async () => {
    const reader = await subscriber("x");
    const sleeper = await idle();
    const bytes = Buffer.alloc(1_000_000);
    let most = 0;
    for (let count = 0; count < 100; count++) {
      publisher.publish([Buffer.from("x"), Buffer.from(String(count)), bytes]);
      most = Math.max(most, publisher.held);
      expect((await reader.receive())[1]!.toString()).to.equal(String(count));
    }
    expect(most).to.be.within(8_000_000, 10_000_000);
    // Once it reads again: whole messages, the oldest ones, and then what comes.
    const parts: Buffer[] = [];
    sleeper.on("data", (part: Buffer) => parts.push(part));
    sleeper.resume();
    await until(() => publisher.held === 0);
    publisher.publish([Buffer.from("x"), Buffer.from("new")]);
    await until(() => Buffer.concat(parts.slice(-2)).subarray(-5).toString("latin1") === "\0\x03new");
    const got = Buffer.concat(parts);
    const numbers: number[] = [];
    // A topic, a number, and a long frame that ends the message.
    for (
      let at = got.indexOf("\x01\x01x\x01");
      at >= 0 && got[at + 4]! < 3;
      at = got.indexOf("\x01\x01x\x01", at + 1_000_000)
    )
      numbers.push(Number(got.toString("latin1", at + 5, at + 5 + got[at + 4]!)));
    expect(numbers).to.deep.equal(numbers.map((_, index) => index));
    expect(numbers.length).to.be.within(8, 99);
  });

  it("sends what is larger than the bound to who waits for nothing else", async () => {
    const reader = await subscriber();
    publisher.publish([Buffer.from("large"), Buffer.alloc(11_000_000)]);
    expect((await reader.receive())[1]).to.have.length(11_000_000);
  });

  it("answers a PING, minds subscriptions that are commands, and forgets what is cancelled", async () => {
    const socket = connect(port, HOST);
    sockets.push(socket);
    let got = "";
    socket.on("data", (bytes) => (got += bytes.toString("latin1")));
    const greeting = [GREETING, ready("SUB"), command("SUBSCRIBE", Buffer.from("a")), frame(Buffer.from("\x01b"))];
    socket.write(Buffer.concat([...greeting, command("PING", Buffer.from([0, 9, 120, 121]))]));
    await until(() => got.endsWith("\x04\x07\x04PONGxy"));
    for (const topic of ["a1", "b1", "c1"]) publisher.publish([Buffer.from(topic)]);
    await until(() => got.endsWith("\x02a1\0\x02b1"));
    socket.write(Buffer.concat([frame(Buffer.from("\x00a")), command("PING", Buffer.from([0, 9, 122]))]));
    await until(() => got.endsWith("\x04\x06\x04PONGz"));
    for (const topic of ["a2", "b2"]) publisher.publish([Buffer.from(topic)]);
    await until(() => got.endsWith("\0\x02b2"));
    expect(got).not.to.contain("a2");
  });

  it("hangs up on who is no subscriber, and goes on", async () => {
    for (const odd of [
      "GET / HTTP/1.1\r\n\r\n",
      "\0".repeat(1000),
      `${GREETING.toString("latin1")}\x02\x7f\0\0\0\0\0\0\0`,
    ]) {
      const socket = connect(port, HOST);
      socket.resume().on("error", () => {});
      socket.write(Buffer.from(odd, "latin1"));
      await once(socket, "close");
    }
    const reader = await subscriber();
    publisher.publish([Buffer.from("still")]);
    expect((await reader.receive())[0]!.toString()).to.equal("still");
  });

  it("is bound to a socket in the file system too, and says if a port is taken", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rlhf-lab-ipc-"));
    const other = new Publisher();
    try {
      const path = join(folder, "kernel-5");
      writeFileSync(path, "left behind");
      const [first] = [publisher];
      publisher = other;
      await other.bind({ path });
      await subscriber("", `ipc://${path}`);
      publisher = first;
      const error = await new Publisher().bind({ host: HOST, port }).catch((reason) => reason);
      expect(error.message).to.contain("EADDRINUSE");
    } finally {
      await other.close();
      rmSync(folder, { recursive: true });
    }
  });
});
