//! The rounds of SHA-256 over whole vector registers, written once for both register widths.
//!
//! A macro and not a generic function, because a register type may only be used by value in functions that carry its target feature.

/// Defines `fold`, which folds sixteen transposed message words into the state of every lane, and the round it is made of.
///
/// The caller has in scope: `add`, `broadcast`, `choose`, `majority`, `xor3`, `rotate::<N>` and `shift::<N>` (both to the right).
macro_rules! define_fold {
    ($vector:ty, $features:literal) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn fold(state: [$vector; 8], mut w: [$vector; 16]) -> [$vector; 8] {
            let [first, later @ ..] = &ROUND;
            let mut s = state;
            macro_rules! take {
                ($i:literal) => {
                    s = round(s, add(w[$i], broadcast(first[$i / 4][$i % 4])));
                };
            }
            sixteen_times!(take);
            for constants in later {
                macro_rules! expand {
                    ($i:literal) => {
                        let near = xor3(rotate::<7>(w[($i + 1) % 16]), rotate::<18>(w[($i + 1) % 16]), shift::<3>(w[($i + 1) % 16]));
                        let far = xor3(rotate::<17>(w[($i + 14) % 16]), rotate::<19>(w[($i + 14) % 16]), shift::<10>(w[($i + 14) % 16]));
                        w[$i] = add(add(w[$i], near), add(w[($i + 9) % 16], far));
                        s = round(s, add(w[$i], broadcast(constants[$i / 4][$i % 4])));
                    };
                }
                sixteen_times!(expand);
            }
            let [a, b, c, d, e, f, g, h] = s;
            let [a0, b0, c0, d0, e0, f0, g0, h0] = state;
            [add(a, a0), add(b, b0), add(c, c0), add(d, d0), add(e, e0), add(f, f0), add(g, g0), add(h, h0)]
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn round([a, b, c, d, e, f, g, h]: [$vector; 8], word: $vector) -> [$vector; 8] {
            let one = xor3(rotate::<6>(e), rotate::<11>(e), rotate::<25>(e));
            let one = add(add(add(h, word), choose(e, f, g)), one);
            let two = xor3(rotate::<2>(a), rotate::<13>(a), rotate::<22>(a));
            let two = add(two, majority(a, b, c));
            [add(one, two), a, b, c, add(d, one), e, f, g]
        }
    };
}

pub(super) use define_fold;
