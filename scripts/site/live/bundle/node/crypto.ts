// What the library and its checks ask of Node's crypto.
import { Buffer } from "buffer";

export const randomBytes = (count: number): Buffer => Buffer.from(crypto.getRandomValues(new Uint8Array(count)));
