//! What `simulate` records, in which bits, and what it does not depend on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dynamics::Process;
use dynamics::block::{Row, WIDTH};
use dynamics::start::Start;
use faer::Mat;
use geometry::Spd;
use sampling::designs::{AnyDesign, Gaussian, Iid, Population};
use sampling::{Design, Stream};

use crate::common::{Case, case, streams};

/// The errors at the recorded steps, with the numbers under which they were observed.
fn record(process: &impl Process, recorded: &[u64]) -> Vec<(usize, Vec<Row>)> {
    let mut seen = Vec::new();
    process.simulate(streams("simulation", 0), recorded, &mut |n, errors| {
        seen.push((n, errors.to_vec()));
        true
    });
    seen
}

fn bits(errors: &[Row]) -> Vec<u64> {
    errors.as_flattened().iter().map(|e| e.to_bits()).collect()
}

/// Noise that is not random, ζ = 1 and σ² = ¼, and that counts the steps that drew it.
#[derive(Clone, Default, Debug)]
struct Counted(Arc<AtomicU64>);

impl Design for Counted {
    fn draw(&self, _: &mut Stream, whitened: &mut [f64], _width: usize) {
        self.0.fetch_add(1, Ordering::Relaxed);
        whitened.fill(1.0);
    }

    fn variance_factor(&self) -> f64 {
        0.25
    }
}

impl Counted {
    fn steps(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn counted_process() -> (Counted, impl Process) {
    let (design, case) = (Counted::default(), case("diagonal H, dense G"));
    let process = case.process(0.13, design.clone(), &case.starts()[1]);
    (design, process)
}

#[test]
fn exactly_the_steps_asked_for_are_taken_and_recorded() {
    let (design, process) = counted_process();
    for recorded in [&[][..], &[0], &[5], &[0, 1, 2, 3], &[0, 4, 9, 1000], &[3, 17]] {
        let seen: Vec<usize> = record(&process, recorded).into_iter().map(|(n, _)| n).collect();
        assert_eq!(seen, (0..recorded.len()).collect::<Vec<_>>(), "{recorded:?}");
        assert_eq!(design.steps(), recorded.last().copied().unwrap_or(0), "{recorded:?}");
    }
}

#[test]
fn each_record_holds_the_error_after_that_many_steps() {
    let (_, process) = counted_process();
    let L = case("diagonal H, dense G").noise.lower_factor().expect("positive definite");
    let recorded = [0, 1, 4, 9, 50];
    let seen = record(&process, &recorded);
    // e_k by hand: e' = (1 − ηh)e − ησ·L1 from each replicate's own start.
    let mut expected = seen[0].1.clone();
    let mut k = 0;
    for (&step, (_, errors)) in recorded.iter().zip(&seen) {
        while k < step {
            for (i, h) in [1.0, 4.0, 10.0].into_iter().enumerate() {
                let noise: f64 = (0..=i).map(|j| L[(i, j)]).sum();
                for e in &mut expected[i] {
                    *e = (1.0 - 0.13 * h) * *e - 0.13 * 0.5 * noise;
                }
            }
            k += 1;
        }
        for (e, expected) in errors.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((e - expected).abs() < 1e-13, "step {step}: {e} against {expected}");
        }
    }
}

#[test]
fn a_simulation_stops_when_told_to() {
    let (design, process) = counted_process();
    for stop_at in 0..3 {
        let mut seen = Vec::new();
        process.simulate(streams("simulation", 0), &[2, 5, 11], &mut |n, _| {
            seen.push(n);
            n < stop_at
        });
        assert_eq!(seen, (0..=stop_at).collect::<Vec<_>>());
        assert_eq!(design.steps(), [2, 5, 11][stop_at], "no step is taken after the stop");
    }
}

#[test]
fn records_on_the_way_do_not_change_a_bit_of_the_last_one() {
    let iid = |population| AnyDesign::Iid(Iid::new(population, 3).expect("positive"));
    for design in [
        AnyDesign::Gaussian(Gaussian::new(2).expect("positive")),
        iid(Population::Gaussian),
        iid(Population::Rademacher),
        iid(Population::Uniform),
    ] {
        let case = case("dense H and G");
        let process = case.process(0.1, design.clone(), &case.starts()[1]);
        let last = |recorded: &[u64]| bits(&record(&process, recorded).pop().expect("not empty").1);
        let alone = last(&[23]);
        assert_eq!(last(&(0..=23).collect::<Vec<_>>()), alone, "{design:?}");
        assert_eq!(last(&[0, 7, 23]), alone, "{design:?}");
        assert_ne!(last(&[22]), alone);
        let mut other = Vec::new();
        process.simulate(streams("simulation", 1), &[23], &mut |_, errors| {
            other = bits(errors);
            true
        });
        assert_ne!(other, alone, "another block draws other numbers");
    }
}

#[test]
fn a_point_start_draws_no_numbers_and_a_cloud_draws_one_for_two_coordinates() {
    let next = |start: &Start| {
        let mut stream = streams("start", 0).start;
        let mut errors = [[0.0; WIDTH]; 2];
        start.draw(&mut stream, &mut errors);
        let mut words = [0; 4];
        stream.fill_words(&mut words);
        (words, errors)
    };
    let skipped = |n: usize| {
        let mut stream = streams("start", 0).start;
        let mut words = [0; 4];
        stream.fill_words(&mut vec![0; n]);
        stream.fill_words(&mut words);
        words
    };
    let (words, errors) = next(&Start::new(vec![1.5, -2.0], 0.0).expect("finite"));
    assert_eq!((words, errors), (skipped(0), [[1.5; WIDTH], [-2.0; WIDTH]]));
    let (words, errors) = next(&Start::new(vec![1.5, -2.0], 0.1).expect("finite"));
    assert_eq!(words, skipped(WIDTH));
    assert!(errors[0].iter().all(|e| (e - 1.5).abs() < 0.9) && errors[0][0] != errors[0][1]);
}

/// Five steps in seven dimensions (two panels of the kernel, the second not full) with a diagonal H, so that no
/// eigensolver is involved; the factor of G is in plain loops and the normals have the same bits everywhere.
#[test]
fn a_simulation_keeps_its_bits_across_releases() {
    let noise = Mat::from_fn(7, 7, |i, j| if i == j { 2.0 } else { 1.0 / (2.0 + i.abs_diff(j) as f64) });
    let case = Case {
        name: "pinned",
        curvature: Spd::diagonal(&[1.0, 2.0, 3.0, 5.0, 8.0, 1.5, 2.5]).expect("positive"),
        noise: Spd::new(noise).expect("diagonally dominant").into(),
    };
    let start = Start::new(vec![1.0, -1.0, 0.5, 2.0, 0.0, 1.0, -0.5], 0.25).expect("finite");
    let process = case.process(0.125, Gaussian::new(3).expect("positive"), &start);
    let (_, errors) = record(&process, &[5]).pop().expect("one record");
    let places = [(0, 0), (1, 9), (2, 17), (4, 30), (6, 31)];
    assert_eq!(
        places.map(|(i, lane)| errors[i][lane].to_bits()),
        PINNED,
        "a change here is value-changing: bump STREAM_VERSION and list it in CHANGELOG.md"
    );
}
const PINNED: [u64; 5] = [
    4_602_012_542_727_017_694,
    13_800_482_862_515_242_336,
    13_804_959_790_089_962_248,
    4_598_441_007_420_512_706,
    13_818_091_564_001_207_424,
];
