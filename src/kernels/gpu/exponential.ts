/**
 * eˣ, eˣ − 1, ln x and what is made of them, from additions and multiplications alone.
 *
 * A shading language leaves its own exp and log several units in the last place to the hardware; these are the same
 * everywhere, to about one unit. The series are Taylor's, cut where the next term is below a tenth of a unit.
 *
 * Range: x = n ln 2 + r with |r| ≤ ½ ln 2, so eˣ = 2ⁿ eʳ; and x = 2ⁿ m with m in [√½, √2), so ln x = n ln 2 + ln m.
 */
import { type DeviceFunctions, deviceFunction } from "./kernel.js";

/** x · 2ⁿ for whole |n| < 192: exact, and only the last step may overflow or underflow. */
const scale = deviceFunction("scale", function scale(this: DeviceFunctions, x: number, n: number): number {
  let one = 2.0;
  if (n < 0) {
    one = 0.5;
  }
  const two = one * one;
  const four = two * two;
  const eight = four * four;
  const sixteen = eight * eight;
  const thirtyTwo = sixteen * sixteen;
  const sixtyFour = thirtyTwo * thirtyTwo;
  let y = x;
  let left = Math.abs(n);
  if (left >= 64) {
    y = y * sixtyFour;
    left = left - 64;
  }
  if (left >= 64) {
    y = y * sixtyFour;
    left = left - 64;
  }
  if (left >= 32) {
    y = y * thirtyTwo;
    left = left - 32;
  }
  if (left >= 16) {
    y = y * sixteen;
    left = left - 16;
  }
  if (left >= 8) {
    y = y * eight;
    left = left - 8;
  }
  if (left >= 4) {
    y = y * four;
    left = left - 4;
  }
  if (left >= 2) {
    y = y * two;
    left = left - 2;
  }
  if (left >= 1) {
    y = y * one;
  }
  return y;
});

/** eʳ − 1 = r + r²/2! + r³/3! + … + r⁷/7! for |r| ≤ ½ ln 2 */
const expSeries = deviceFunction("expSeries", function expSeries(this: DeviceFunctions, r: number): number {
  const tail =
    0.041666666666666664 + r * (0.008333333333333333 + r * (0.001388888888888889 + r * 0.0001984126984126984));
  return r + r * r * (0.5 + r * (0.16666666666666666 + r * tail));
});

/** The n of x = n ln 2 + r, and r: ln 2 in two parts, the first with so few digits that n times it is exact. */
const power = deviceFunction("power", function power(this: DeviceFunctions, x: number): number {
  return Math.floor(x * Math.LOG2E + 0.5);
});
const reduced = deviceFunction("reduced", function reduced(this: DeviceFunctions, x: number, n: number): number {
  return x - n * 0.693359375 + n * 0.00021219444005469057;
});

/** eˣ; Infinity above 88.7, 0 below −104 */
export const exp = deviceFunction(
  "exp",
  function exp(this: DeviceFunctions, x: number): number {
    if (x > 89) {
      return x * 3.0e38;
    }
    if (x < -104) {
      return 0.0;
    }
    const n = this.power(x);
    return this.scale(1.0 + this.expSeries(this.reduced(x, n)), n);
  },
  { uses: [power, reduced, expSeries, scale] },
);

/** eˣ − 1 without cancellation for small x: 2ⁿ (eʳ − 1) + (2ⁿ − 1); for |x| < 88 */
export const expm1 = deviceFunction(
  "expm1",
  function expm1(this: DeviceFunctions, x: number): number {
    const n = this.power(x);
    return this.scale(this.expSeries(this.reduced(x, n)), n) + (this.scale(1.0, n) - 1.0);
  },
  { uses: [power, reduced, expSeries, scale] },
);

/**
 * With s = f / (2 + f):  ln(1 + f) = 2 artanh s = f − f²/2 + s (f²/2 + R),  R = 2 (s²/3 + s⁴/5 + s⁶/7 + s⁸/9)
 * for 1 + f in [√½, √2). `carry` is added where the small terms are, before the large one.
 */
const log1pSeries = deviceFunction(
  "log1pSeries",
  function log1pSeries(this: DeviceFunctions, f: number, carry: number): number {
    const s = f / (2.0 + f);
    const z = s * s;
    const tail = z * (0.6666666666666666 + z * (0.4 + z * (0.2857142857142857 + z * 0.2222222222222222)));
    const half = 0.5 * f * f;
    return f - (half - (s * (half + tail) + carry));
  },
);

/** The whole n of |x| = 2ⁿ m with m in [√½, √2), for a normal number; the hardware's log2 is at most one off. */
const exponent = deviceFunction(
  "exponent",
  function exponent(this: DeviceFunctions, x: number): number {
    const n = Math.floor(Math.log2(x));
    const m = this.scale(x, -n);
    if (m >= Math.SQRT2) {
      return n + 1.0;
    }
    if (m < Math.SQRT1_2) {
      return n - 1.0;
    }
    return n;
  },
  { uses: [scale] },
);

/** ln x; −Infinity at 0, NaN below */
export const log = deviceFunction(
  "log",
  function log(this: DeviceFunctions, x: number): number {
    let y = x;
    let lifted = 0.0;
    if (x < 1e-30) {
      y = x * 1.8446744073709552e19; // 2⁶⁴, out of the reach of denormals
      lifted = 64.0;
    }
    if (y > 0) {
      if (y < 3.4e38) {
        const n = this.exponent(y);
        const m = this.scale(y, -n);
        const turns = n - lifted;
        return turns * 0.693359375 + this.log1pSeries(m - 1.0, turns * -0.00021219444005469057);
      }
      return y;
    }
    if (y < 0) {
      return Math.sqrt(y);
    }
    // 0, or NaN, which passes.
    return y - 1.0 / Math.abs(y);
  },
  { uses: [scale, exponent, log1pSeries] },
);

/** ln(1 + x) for 0 ≤ x ≤ 1, exact for small x */
export const log1p = deviceFunction(
  "log1p",
  function log1p(this: DeviceFunctions, x: number): number {
    if (x > 0.41421356237309503) {
      // ln(1 + x) = ln 2 + ln((1 + x) / 2)
      return 0.693359375 + this.log1pSeries(0.5 * (x - 1.0), -0.00021219444005469057);
    }
    return this.log1pSeries(x, 0.0);
  },
  { uses: [log1pSeries] },
);

/** σ(x) = 1 / (1 + e^−x), from e^−|x| so that nothing overflows */
export const sigmoid = deviceFunction(
  "sigmoid",
  function sigmoid(this: DeviceFunctions, x: number): number {
    const e = this.exp(-Math.abs(x));
    if (x < 0) {
      return e / (1.0 + e);
    }
    return 1.0 / (1.0 + e);
  },
  { uses: [exp] },
);

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|) */
export const softplus = deviceFunction(
  "softplus",
  function softplus(this: DeviceFunctions, x: number): number {
    const tail = this.log1p(this.exp(-Math.abs(x)));
    if (x <= 0) {
      return tail;
    }
    return x + tail;
  },
  { uses: [exp, log1p] },
);

/** x^y for 0 < x < Infinity: with x = 2ᵉ m, e y = n + fraction split so that it is exact, and t = fraction ln 2 + y ln m, 2ⁿ eᵗ. */
const positivePower = deviceFunction(
  "positivePower",
  function positivePower(this: DeviceFunctions, x: number, y: number): number {
    const e = this.exponent(x);
    const m = this.scale(x, -e);
    // The leading 16 bits of y times the 8 of e are exact in 24.
    const high = Math.floor(y * 256.0) * 0.00390625;
    const n = Math.floor(e * high + 0.5);
    const fraction = e * high - n + e * (y - high);
    const t = fraction * Math.LN2 + y * this.log1pSeries(m - 1.0, 0.0);
    const k = this.power(t);
    if (n + k > 150) {
      return 3.0e38 * (n + k);
    }
    if (n + k < -151) {
      return 0.0;
    }
    return this.scale(1.0 + this.expSeries(this.reduced(t, k)), n + k);
  },
  { uses: [exponent, scale, power, reduced, expSeries, log1pSeries] },
);

/** |x|^y, from 0 to Infinity */
const magnitudePower = deviceFunction(
  "magnitudePower",
  function magnitudePower(this: DeviceFunctions, x: number, y: number): number {
    if (x > 0) {
      if (x < 3.4e38) {
        return this.positivePower(x, y);
      }
      if (y > 0) {
        return x;
      }
      return 1.0 / x;
    }
    if (x === 0) {
      if (y > 0) {
        return 0.0;
      }
      return 1.0 / x;
    }
    return x;
  },
  { uses: [positivePower] },
);

/**
 * x^y. Error: about 2 + |y ln m| units in the last place, with |x| = 2ᵉ m. Negative x: the sign of (−1)^y for whole y,
 * NaN otherwise.
 */
export const pow = deviceFunction(
  "pow",
  function pow(this: DeviceFunctions, x: number, y: number): number {
    if (y === 0) {
      return 1.0;
    }
    const size = this.magnitudePower(Math.abs(x), y);
    let sign = x;
    if (x === 0) {
      sign = 1.0 / x;
    }
    if (sign < 0) {
      if (Math.floor(y) < y) {
        if (x < 0) {
          if (x > -3.4e38) {
            return Math.sqrt(x);
          }
        }
        return size;
      }
      if (Math.floor(y * 0.5) * 2.0 < y) {
        return -size;
      }
    }
    return size;
  },
  { uses: [magnitudePower] },
);

/** The part of |x| ≤ 500 down to 2⁻¹². */
const leading = deviceFunction("leading", function leading(this: DeviceFunctions, x: number): number {
  return Math.floor(x * 4096.0) * 0.000244140625;
});

/**
 * exp(x − max) for x ≤ max, within two units however large the two are: the rounding error of x − max, which eˣ would make
 * up to |x − max| times larger, is not made. The leading parts of both have an exact difference d; what is left of them is
 * small, so that its difference b rounds where nobody sees it: with d = n ln 2 + r, eᵈ⁺ᵇ = 2ⁿ eʳ⁺ᵇ. (The power of two comes
 * last: eᵈ b would be denormal where eᵈ is below 2⁻¹¹⁴ already, and 0 on most GPUs.)
 *
 * Where the two are large they lie within a factor of two, since beyond x = max − 104 the result is 0: then x − max is
 * exact as it is (Sterbenz). A two-sum would do as well, but drivers that reckon as if numbers were real cross it out.
 */
export const expDifference = deviceFunction(
  "expDifference",
  function expDifference(this: DeviceFunctions, x: number, max: number): number {
    if (x - max < -104) {
      return 0.0;
    }
    if (Math.abs(x) + Math.abs(max) > 500) {
      return this.exp(x - max);
    }
    const leadingX = this.leading(x);
    const leadingMax = this.leading(max);
    const rest = x - leadingX - (max - leadingMax);
    const n = this.power(leadingX - leadingMax);
    return this.scale(1.0 + this.expSeries(this.reduced(leadingX - leadingMax, n) + rest), n);
  },
  { uses: [exp, leading, power, reduced, expSeries, scale] },
);
