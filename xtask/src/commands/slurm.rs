//! `slurm`: the jobs by which a SLURM cluster runs a spec in shards, and merges them.

use std::path::{Path, PathBuf};
use std::process::Command;

use engine::Spec;
use engine::shard::ranges;
use engine::status::{planned_shards, status as status_of};
use engine::store::{ShardPlan, StoreError, atomic};

use super::{fail, folder_of, load};
use crate::args::SlurmArgs;
use crate::exit::Exit;
use crate::output::{complain, print};

/// Writes the scripts, and submits them if asked to.
pub(crate) fn slurm(args: &SlurmArgs) -> Exit {
    let spec = match load(&args.spec, args.seed) {
        Ok(spec) => spec,
        Err(exit) => return exit,
    };
    let out = folder_of(&spec, &args.out, args.seed);
    match prepare(args, &spec, &out) {
        Ok(Prepared::Complete) => {
            print(&format!("{}: all shards are complete: cargo xtask merge {}", spec.name, args.spec.display()));
            Exit::Success
        }
        Ok(Prepared::Jobs(jobs)) if args.submit => submit(&jobs),
        Ok(Prepared::Jobs(jobs)) => {
            print(&format!("array: {}\nmerge: {}", jobs.shards.display(), jobs.merge.display()));
            print(&format!("\n{}", commands(&jobs)));
            Exit::Success
        }
        Err(exit) => exit,
    }
}

/// The time limit of a job: what sbatch takes, as far as it cannot be misread.
pub(crate) fn time_limit(text: &str) -> Result<String, String> {
    let is_number = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = text.split(['-', ':']).collect();
    let is_time = (2..=4).contains(&parts.len()) && parts.iter().all(|part| is_number(part));
    if is_time { Ok(text.to_owned()) } else { Err("it must be HH:MM:SS, MM:SS or D-HH:MM:SS".to_owned()) }
}

/// Two scripts.
struct Jobs {
    shards: PathBuf,
    merge: PathBuf,
}

enum Prepared {
    Jobs(Jobs),
    Complete,
}

fn prepare(args: &SlurmArgs, spec: &Spec, out: &Path) -> Result<Prepared, Exit> {
    let planned = planned_shards(spec, out).map_err(|error| fail(&error.into()))?;
    let Some(shards) = args.shards.or(planned) else {
        complain("error: into how many shards? Say so with --shards N");
        return Err(Exit::Usage);
    };
    // Logs must have a folder before a job starts.
    let folder = out.join("slurm");
    std::fs::create_dir_all(&folder).map_err(|error| {
        complain(format!("error: cannot make the folder {}: {error}", folder.display()));
        Exit::Io
    })?;
    ShardPlan::new(spec, shards).agree(out).map_err(|error| fail(&error.into()))?;
    let array = match args.missing {
        false => format!("0-{}", shards - 1),
        true => {
            let (status, damaged) = status_of(spec, out, shards).map_err(|error| fail(&error))?;
            damaged.iter().for_each(|error| complain(format!("warning: {error}")));
            let missing = status.iter().filter(|shard| !shard.is_complete()).map(|shard| shard.shard);
            ranges(&missing.collect::<Vec<_>>())
        }
    };
    if array.is_empty() {
        return Ok(Prepared::Complete);
    }
    let jobs = Jobs { shards: folder.join("shards.sbatch"), merge: folder.join("merge.sbatch") };
    let program = std::env::current_exe().map_err(|error| {
        complain(format!("error: cannot tell where this program is: {error}"));
        Exit::Io
    })?;
    let write = |path: &Path, text: String| {
        atomic::write(path, text.as_bytes()).map_err(|error: StoreError| fail(&error.into()))
    };
    write(&jobs.shards, array_script(args, spec, &folder, &program, &array, shards))?;
    write(&jobs.merge, merge_script(args, spec, &folder, &program))?;
    Ok(Prepared::Jobs(jobs))
}

/// The number of shards is written out: a variable of SLURM says how many tasks this array has, which are fewer where only
/// missing ones are run again. `exec` and `B:` bring the signal before the time limit to the engine itself.
fn array_script(args: &SlurmArgs, spec: &Spec, folder: &Path, program: &Path, array: &str, shards: usize) -> String {
    let at_once = args.at_once.map_or_else(String::new, |at_once| format!("%{at_once}"));
    format!(
        "#!/bin/bash
#SBATCH --job-name={name}
#SBATCH --array={array}{at_once}
#SBATCH --requeue --open-mode=append
#SBATCH --cpus-per-task={cpus} --time={time} --signal=B:TERM@120
#SBATCH --output={log}
exec {program} run {common} --shard \"$SLURM_ARRAY_TASK_ID/{shards}\" --threads \"${{SLURM_CPUS_PER_TASK:-1}}\"
",
        name = spec.name,
        cpus = args.cpus_per_task,
        time = args.time,
        log = quoted(&folder.join("%A_%a.log")),
        program = quoted(program),
        common = common(args),
    )
}

fn merge_script(args: &SlurmArgs, spec: &Spec, folder: &Path, program: &Path) -> String {
    format!(
        "#!/bin/bash
#SBATCH --job-name={name}-merge
#SBATCH --cpus-per-task={cpus} --time={time}
#SBATCH --output={log}
exec {program} merge {common} --threads \"${{SLURM_CPUS_PER_TASK:-1}}\"
",
        name = spec.name,
        cpus = args.cpus_per_task,
        time = args.time,
        log = quoted(&folder.join("merge_%j.log")),
        program = quoted(program),
        common = common(args),
    )
}

fn common(args: &SlurmArgs) -> String {
    let seed = args.seed.map_or_else(String::new, |seed| format!(" --seed {seed}"));
    format!("{} --out {}{seed}", quoted(&args.spec), quoted(&args.out))
}

/// A path as one word of a shell, and of a line of sbatch.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-%+=".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn commands(jobs: &Jobs) -> String {
    let (shards, merge) = (quoted(&jobs.shards), quoted(&jobs.merge));
    format!("job=$(sbatch --parsable {shards}) && sbatch --dependency=afterok:$job --kill-on-invalid-dep=yes {merge}")
}

fn submit(jobs: &Jobs) -> Exit {
    let submitted = sbatch(&["--parsable"], &jobs.shards).and_then(|array| {
        // A cluster of several may put its name behind the number.
        let number = array.split(';').next().unwrap_or_default().to_owned();
        let dependency = format!("--dependency=afterok:{number}");
        let merge = sbatch(&["--parsable", &dependency, "--kill-on-invalid-dep=yes"], &jobs.merge)?;
        Ok((array, merge))
    });
    match submitted {
        Ok((array, merge)) => {
            print(&format!("submitted: shards as job {array}, merge as job {merge}"));
            Exit::Success
        }
        Err(message) => {
            complain(format!("error: {message}"));
            Exit::Io
        }
    }
}

/// Submits a script, and returns the number of its job.
fn sbatch(arguments: &[&str], script: &Path) -> Result<String, String> {
    let output = Command::new("sbatch").args(arguments).arg(script).output();
    let output = output.map_err(|error| format!("cannot start sbatch: {error}; is this a node of a SLURM cluster?"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
        false => Err(format!("sbatch {}: {}", script.display(), String::from_utf8_lossy(&output.stderr).trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_sbatch() {
        assert!(["01:00:00", "10:00", "2-00:00:00"].iter().all(|text| time_limit(text).is_ok()));
        assert!(["", "1h", "1", "1:2:3:4:5", "10:00 --wrap=x", "a:b"].iter().all(|text| time_limit(text).is_err()));
    }

    #[test]
    fn paths_are_one_word() {
        assert_eq!(quoted(Path::new("reports/exp6")), "reports/exp6");
        assert_eq!(quoted(Path::new("my $x's")), r"'my $x'\''s'");
    }
}
