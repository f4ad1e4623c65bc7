//! `workload describe NAME`, `workload run NAME [--threads N] [--blocks N] [--dimension N]`: one line of JSON for a program.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use benches::{Error, Workload, gaussian, network, run};
use dynamics::reading::{FitPart, Hessians, NoiseSource, Reading, read};

/// Steps before a network is read, and steps that are timed.
const TRAINING_STEPS: usize = 400;
/// Directions that a network is read along.
const DIRECTIONS: usize = 30;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let line = match words[..] {
        ["describe", "network"] => format!(
            "{{\"steps\": {TRAINING_STEPS}, \"directions\": {DIRECTIONS}, \"parameters\": {}}}",
            network::parameters()?.json()
        ),
        ["run", "network", ref options @ ..] => train(options)?,
        ["describe", name] => describe(&Workload::named(name)?),
        ["run", name, ref options @ ..] => simulate(name, options)?,
        _ => {
            return Err(
                "usage: workload describe NAME, workload run NAME [--threads N] [--blocks N] [--dimension N]".into()
            );
        }
    };
    println!("{line}");
    Ok(())
}

fn describe(workload: &Workload) -> String {
    let Workload { name, process, steps, blocks, expected, parameters, .. } = workload;
    let (replicates, d) = (blocks * process.lanes() as u64, workload.dimension());
    format!(
        "{{\"name\": \"{name}\", \"dimension\": {d}, \"steps\": {steps}, \"replicates\": {replicates}, \
         \"expected\": {:?}, \"error\": {:?}, \"parameters\": {}}}",
        expected.value,
        expected.error,
        parameters.json()
    )
}

/// The number behind `flag`.
fn option(options: &[&str], flag: &str) -> Result<Option<usize>, Error> {
    let place = options.iter().position(|word| *word == flag);
    Ok(place.and_then(|place| options.get(place + 1)).map(|text| text.parse()).transpose()?)
}

fn simulate(name: &str, options: &[&str]) -> Result<String, Error> {
    let workload = match option(options, "--dimension")? {
        Some(d) => gaussian::sgd(d)?,
        None => Workload::named(name)?,
    };
    let threads = option(options, "--threads")?.unwrap_or(1);
    let blocks = option(options, "--blocks")?.map_or(workload.blocks, |blocks| blocks as u64);
    let outcome = run::run(&*workload.process, workload.steps, blocks, threads);
    Ok(format!(
        "{{\"seconds\": {:?}, \"processor_seconds\": {:?}, \"coordinate_steps\": {:?}, \"mean\": {:?}, \"standard_error\": {:?}}}",
        outcome.seconds,
        outcome.processor_seconds,
        workload.coordinate_steps(blocks),
        outcome.mean,
        outcome.standard_error
    ))
}

/// Trains networks, shared out between threads, then reads the loss and the noise–curvature exponent of one on each thread.
fn train(options: &[&str]) -> Result<String, Error> {
    let threads = option(options, "--threads")?.unwrap_or(1);
    let networks = option(options, "--networks")?.unwrap_or(1);
    let next = AtomicUsize::new(0);
    let clock = Clock::start();
    let trained: Vec<Result<Vec<f64>, String>> = std::thread::scope(|scope| {
        let worker = || {
            let mut theta = Err("no network was trained".to_owned());
            while next.fetch_add(1, Ordering::Relaxed) < networks {
                theta = network::model().map_err(|error| error.to_string()).map(|mut model| {
                    let mut theta = model.start().to_vec();
                    network::train(&mut *model, &mut theta, TRAINING_STEPS);
                    theta
                });
            }
            theta
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let training = clock.json();
    let theta = trained.into_iter().find_map(Result::ok).ok_or("no network was trained")?;
    let (part, noise, hessians) = (FitPart::Exponent, NoiseSource::Gradients, Hessians::AsTheyAre);
    let readings = [Reading::Loss, Reading::NoiseCurvature { part, directions: DIRECTIONS, noise, hessians }];
    let clock = Clock::start();
    let values = std::thread::scope(|scope| {
        let reader = || network::model().ok().map(|mut model| read(&readings, &mut *model, &theta, &[]));
        let readers: Vec<_> = (0..threads).map(|_| scope.spawn(reader)).collect();
        readers.into_iter().filter_map(|reader| reader.join().ok().flatten()).next_back()
    });
    let values = values.ok_or("no network was read")?;
    let reading = clock.json();
    Ok(format!("{{\"training\": {training}, \"reading\": {reading}, \"values\": {values:?}}}"))
}

/// Wall time and processor time since a moment.
struct Clock {
    started: Instant,
    used: Duration,
}

impl Clock {
    fn start() -> Self {
        Clock { started: Instant::now(), used: run::processor_time() }
    }

    fn json(&self) -> String {
        let (seconds, used) = (self.started.elapsed(), run::processor_time() - self.used);
        format!("{{\"seconds\": {:?}, \"processor_seconds\": {:?}}}", seconds.as_secs_f64(), used.as_secs_f64())
    }
}
