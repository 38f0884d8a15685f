// Loads tfjs-node and multiplies two matrices: the proof that an engine works. Runs in a process of its own, since a
// bad library can end it.
// usage: node check.cjs PACKAGE_FOLDER [BINDING]
// BINDING: a tfjs_binding.node elsewhere, tried in the package's place
const { createRequire } = require("node:module");
const { join } = require("node:path");
const util = require("node:util");

const [folder, binding] = process.argv.slice(2);
const ours = createRequire(join(folder, "package.json"));

process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
util.isNullOrUndefined ??= (x) => x === null || x === undefined; // gone since Node 23, and tfjs-node 4.22 calls it
if (binding) ours("@mapbox/node-pre-gyp/lib/pre-binding.js").find = () => binding;

const tf = ours("@tensorflow/tfjs-node");
const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
const product = Array.from(tf.matMul(a, a, false, true).dataSync());
if (product.join() !== "14,32,32,77") throw new Error(`[[1,2,3],[4,5,6]] times its transpose gave ${product}`);
if (tf.getBackend() !== "tensorflow") throw new Error(`the backend is ${tf.getBackend()}`);
console.log(`TensorFlow ${tf.backend().binding.TF_Version}`);
