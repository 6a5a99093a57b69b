// Works out, while its student reads, what the last page's form asks for: a number whose SHA-256,
// after the page's mark, begins with so many zero bits. In a worker, so that nothing else waits.
// Without it the form works all the same.
(function () {
  "use strict";

  // SHA-256 (FIPS 180-4): what crypto.subtle does, which is slower for many short texts, and is
  // not there on a page without https.
  var ROOTS = [];
  var START = [];

  function bits(root) {
    return ((root - Math.floor(root)) * 4294967296) | 0;
  }

  (function () {
    var prime = 2;
    while (ROOTS.length < 64) {
      var divisor = 2;
      while (divisor * divisor <= prime && prime % divisor) divisor++;
      if (divisor * divisor > prime) {
        if (START.length < 8) START.push(bits(Math.sqrt(prime)));
        ROOTS.push(bits(Math.cbrt(prime)));
      }
      prime++;
    }
  })();

  var schedule = new Int32Array(64);

  function turn(word, places) {
    return (word >>> places) | (word << (32 - places));
  }

  // Takes in one block of 64 bytes, from a place on.
  function take(state, bytes, from) {
    var i, w = schedule;
    for (i = 0; i < 16; i++, from += 4) {
      w[i] = (bytes[from] << 24) | (bytes[from + 1] << 16) | (bytes[from + 2] << 8) | bytes[from + 3];
    }
    for (; i < 64; i++) {
      var x = w[i - 15], y = w[i - 2];
      w[i] = w[i - 16] + w[i - 7] +
        (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
    }
    var a = state[0], b = state[1], c = state[2], d = state[3];
    var e = state[4], f = state[5], g = state[6], h = state[7];
    for (i = 0; i < 64; i++) {
      var one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) +
        ROOTS[i] + w[i]) | 0;
      var two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    return [state[0] + a | 0, state[1] + b | 0, state[2] + c | 0, state[3] + d | 0,
      state[4] + e | 0, state[5] + f | 0, state[6] + g | 0, state[7] + h | 0];
  }

  // The first word of the hash of a text, whose first blocks are the same each time.
  function search(mark, zeros) {
    var text = mark + ":", whole = text.length - (text.length % 64), state = START, i;
    var head = new Uint8Array(text.length);
    for (i = 0; i < text.length; i++) head[i] = text.charCodeAt(i);
    for (i = 0; i < whole; i += 64) state = take(state, head, i);
    for (var number = 0; ; number++) {
      var answer = number.toString(36), length = text.length - whole + answer.length;
      var tail = new Uint8Array(length < 56 ? 64 : 128);
      tail.set(head.subarray(whole));
      for (i = 0; i < answer.length; i++) tail[length - answer.length + i] = answer.charCodeAt(i);
      tail[length] = 128;
      var size = (whole + length) * 8;
      tail[tail.length - 2] = size >> 8;
      tail[tail.length - 1] = size & 255;
      var found = take(state, tail, 0);
      if (tail.length > 64) found = take(found, tail, 64);
      if (found[0] >>> (32 - zeros) === 0) return answer;
    }
  }

  if (typeof document === "undefined") {
    self.onmessage = function (event) {
      self.postMessage(search(event.data.mark, event.data.zeros));
    };
    return;
  }

  var form = document.querySelector("form[data-proof-bits]");
  if (!form || !self.Worker) return;
  var worker = new Worker(document.currentScript.src);
  worker.onmessage = function (event) {
    form.elements.proof.value = event.data;
    worker.terminate();
  };
  worker.postMessage({ mark: form.elements.mark.value, zeros: Number(form.dataset.proofBits) });
})();
