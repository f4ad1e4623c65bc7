//! Streams: pinned values and independence of unrelated keys.

use sampling::{Purpose, Stream, StreamKey};

const KEY: StreamKey<'_> = StreamKey { seed: 1, cell: "eta=0.1", block: 3, purpose: Purpose::Noise };

fn words(key: StreamKey<'_>, n: usize) -> Vec<u64> {
    let mut words = vec![0; n];
    Stream::new(key).fill_words(&mut words);
    words
}

#[test]
fn words_keep_their_values_across_releases() {
    assert_eq!(
        words(KEY, 8),
        PINNED,
        "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md"
    );
}
const PINNED: [u64; 8] = [
    12_859_577_657_866_741_231,
    9_130_338_832_042_173_171,
    10_452_170_138_192_402_190,
    8_714_687_848_558_262_828,
    977_255_504_796_671_668,
    8_793_271_034_605_738_472,
    472_397_231_596_336_545,
    18_125_618_915_872_112_689,
];

#[test]
fn a_key_is_read_in_one_way_only() {
    let keys = [
        KEY,
        StreamKey { seed: 2, ..KEY },
        StreamKey { block: 4, ..KEY },
        StreamKey { purpose: Purpose::Start, ..KEY },
        StreamKey { purpose: Purpose::Problem, ..KEY },
        StreamKey { cell: "eta=0.10", ..KEY },
        StreamKey { cell: "", ..KEY },
    ];
    for (i, a) in keys.iter().enumerate() {
        for b in &keys[i + 1..] {
            assert!(words(*a, 64).iter().all(|word| !words(*b, 64).contains(word)), "{a:?} and {b:?}");
        }
    }
}

#[test]
fn a_short_call_ends_at_a_turn() {
    let mut stream = Stream::new(KEY);
    let (mut three, mut four) = ([0; 3], [0; 4]);
    stream.fill_words(&mut three);
    stream.fill_words(&mut four);
    let whole = words(KEY, 8);
    assert_eq!(three[..], whole[..3]);
    assert_eq!(four[..], whole[4..]);
}

/// Each of the 64 bits of 2²⁰ words is a fair coin, and agrees with its neighbour half the time: 128 counts, each
/// within 6.3 binomial standard deviations (false-alarm rate 3·10⁻¹⁰ each, 4·10⁻⁸ together).
#[test]
fn bits_are_fair_and_independent_of_their_neighbours() {
    let n = 1 << 20;
    let words = words(KEY, n);
    let bound = 6.3 * (n as f64 / 4.0).sqrt();
    for bit in 0..64 {
        let ones = words.iter().filter(|w| *w >> bit & 1 == 1).count() as f64;
        assert!((ones - n as f64 / 2.0).abs() < bound, "bit {bit}: {ones} ones");
        let agreeing = words.iter().filter(|w| *w >> bit & 1 == w.rotate_left(1) >> bit & 1).count() as f64;
        assert!((agreeing - n as f64 / 2.0).abs() < bound, "bits {bit} and its neighbour: {agreeing}");
    }
}
