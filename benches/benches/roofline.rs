//! The rooflines: how far each workload is from what its random numbers and its arithmetic must cost on this machine.

use benches::machine::Machine;
use benches::run::{run, shortest};
use benches::workload::NAMES;
use benches::{Cost, Error, Workload, network};
use dynamics::model::Model;

fn main() -> Result<(), Error> {
    // `cargo bench` says so; `cargo test` only wants to know whether it runs.
    let is_measured = std::env::args().any(|argument| argument == "--bench");
    let repeats = if is_measured { 9 } else { 1 };
    let machine = Machine::measure(repeats);
    println!(
        "one thread: {:.1} G operations/s in multiply-adds, {:.2} ns a normal, {:.2} ns a word\n",
        machine.operations_per_second / 1e9,
        machine.normal * 1e9,
        machine.word * 1e9
    );
    println!("| workload | ns a step and coordinate | bound | of it normals | words | arithmetic | reached |");
    println!("|:--|--:|--:|--:|--:|--:|--:|");
    for name in NAMES {
        let workload = Workload::named(name)?;
        let steps = if is_measured { workload.steps } else { 2 };
        let blocks = if is_measured { 4 } else { 1 };
        let seconds = shortest(repeats, || {
            std::hint::black_box(run(&*workload.process, steps, blocks, 1));
        });
        let replicate_steps = (steps * blocks) as f64 * workload.process.lanes() as f64;
        print_row(name, seconds / replicate_steps, workload.dimension() as f64, workload.cost, &machine);
    }
    let mut model: Box<dyn Model> = network::model()?;
    let mut theta = model.start().to_vec();
    let steps = if is_measured { 200 } else { 1 };
    let seconds = shortest(repeats, || network::train(&mut *model, &mut theta, steps));
    let cost = Cost { operations: network::operations_of_step(), ..Cost::default() };
    print_row("network", seconds / steps as f64, theta.len() as f64, cost, &machine);
    Ok(())
}

/// `seconds` and `cost` are of a step of a replicate with d coordinates.
fn print_row(name: &str, seconds: f64, d: f64, cost: Cost, machine: &Machine) {
    let bound = cost.bound(machine);
    println!(
        "| {name} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.0} % |",
        seconds / d * 1e9,
        bound / d * 1e9,
        cost.normals * machine.normal / d * 1e9,
        cost.words * machine.word / d * 1e9,
        cost.operations / machine.operations_per_second / d * 1e9,
        100.0 * bound / seconds
    );
}
