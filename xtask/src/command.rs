//! Starting programs: in their own group, with their output in a log, a text or on our own streams.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::error::{Context, Error, Result};
use crate::groups::Registered;
use crate::progress::Progress;

/// A program with its arguments, not yet started.
#[derive(Debug, Clone)]
pub struct Run {
    program: OsString,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, Option<OsString>)>,
    directory: Option<PathBuf>,
}

/// One of a program's output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Errors,
}

/// What a program said and how it ended.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// A program by its path, or by its name on `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// Takes a variable of ours away from the program.
    #[must_use]
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), None));
        self
    }

    /// Sets several environment variables.
    #[must_use]
    pub fn envs<'a>(self, pairs: impl IntoIterator<Item = &'a (String, String)>) -> Self {
        pairs.into_iter().fold(self, |run, (name, value)| run.env(name, value))
    }

    /// Sets the working directory.
    #[must_use]
    pub fn dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_path_buf());
        self
    }

    /// The command line, for messages.
    #[must_use]
    pub fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.arguments);
        words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    /// The standard library's command: own group, nothing to read.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).process_group(0).stdin(Stdio::null());
        for (name, value) in &self.environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        command
    }

    /// Runs it on our own output streams.
    ///
    /// # Errors
    /// When it cannot be started or does not end with exit code 0.
    pub fn shown(&self) -> Result {
        let status = wait(self.spawn(&mut self.command())?)?.0;
        self.check(status, "its output is above")
    }

    /// Runs it on our own output streams and hands every line of one of them on as well, content with any of some exit codes.
    ///
    /// # Errors
    /// When it cannot be started or read, or ends with another code.
    pub fn watched(&self, stream: Stream, codes: &[i32], mut each: impl FnMut(&str)) -> Result {
        let mut command = self.command();
        match stream {
            Stream::Output => command.stdout(Stdio::piped()),
            Stream::Errors => command.stderr(Stdio::piped()),
        };
        let mut child = self.spawn(&mut command)?;
        let registered = Registered::new(child.id());
        let output = child.stdout.take().map(|output| Box::new(output) as Box<dyn Read>);
        let piped = output.or_else(|| child.stderr.take().map(|errors| Box::new(errors) as Box<dyn Read>));
        for line in piped.into_iter().flat_map(|stream| BufReader::new(stream).split(b'\n')) {
            let line = line.context(|| format!("`{}` cannot be read", self.line()))?;
            let line = String::from_utf8_lossy(&line);
            match stream {
                Stream::Output => println!("{line}"),
                Stream::Errors => eprintln!("{line}"),
            }
            each(&line);
        }
        let status = child.wait().context(|| "a program cannot be waited for".to_owned())?;
        drop(registered);
        match status.code() {
            Some(code) if codes.contains(&code) => Ok(()),
            _ => self.check(status, "its output is above"),
        }
    }

    /// Runs it with both output streams in a log, whose last line the running step shows.
    ///
    /// # Errors
    /// When it cannot be started or does not end with exit code 0: with the end of the log.
    pub fn logged(&self, log: &Path, progress: &Progress) -> Result {
        let file = File::create(log).context(|| format!("log {} cannot be written", log.display()))?;
        let twin = file.try_clone().context(|| format!("log {} cannot be written", log.display()))?;
        progress.follow(log);
        let status = wait(self.spawn(self.command().stdout(file).stderr(twin))?)?.0;
        if status.success() {
            return Ok(());
        }
        let text = std::fs::read_to_string(log).unwrap_or_default();
        self.check(status, &format!("the end of {}:\n{}", log.display(), tail(&text, 40)))
    }

    /// Runs it and keeps what it says, whatever its exit code.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn output(&self) -> Result<Output> {
        let child = self.spawn(self.command().stdout(Stdio::piped()).stderr(Stdio::piped()))?;
        let (status, stdout, stderr) = wait(child)?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Output { code: status.code(), stdout: text(stdout), stderr: text(stderr) })
    }

    /// Runs it and returns its standard output.
    ///
    /// # Errors
    /// When it cannot be started or does not end with exit code 0: with what it said on standard error.
    pub fn text(&self) -> Result<String> {
        let output = self.output()?;
        match output.code {
            Some(0) => Ok(output.stdout),
            code => {
                let said = if output.stderr.trim().is_empty() { &output.stdout } else { &output.stderr };
                Err(Error::new(format!("`{}` {}:\n{}", self.line(), ended(code), tail(said, 40))))
            }
        }
    }

    /// Starts a configured command.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, command: &mut Command) -> Result<Child> {
        command.spawn().context(|| format!("`{}` cannot be started", self.program.to_string_lossy()))
    }

    fn check(&self, status: ExitStatus, more: &str) -> Result {
        if status.success() {
            return Ok(());
        }
        Err(Error::new(format!("`{}` {}; {more}", self.line(), ended(status.code()))))
    }
}

/// Waits while the group is registered, so that a signal to us ends it.
fn wait(child: Child) -> Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let _registered = Registered::new(child.id());
    let output = child.wait_with_output().context(|| "a program cannot be waited for".to_owned())?;
    Ok((output.status, output.stdout, output.stderr))
}

fn ended(code: Option<i32>) -> String {
    code.map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with exit code {code}"))
}

/// The last lines of a text.
#[must_use]
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Run {
        Run::new("sh").args(["-c", script])
    }

    #[test]
    fn outputs_and_codes() {
        let output = sh("echo out; echo err >&2; exit 3").output().unwrap();
        assert_eq!((output.code, &*output.stdout, &*output.stderr), (Some(3), "out\n", "err\n"));
        assert_eq!(sh("echo $NAME").env("NAME", "value").text().unwrap(), "value\n");
        assert_eq!(sh("echo ${HOME-none}").env_remove("HOME").text().unwrap(), "none\n");
    }

    #[test]
    fn lines_are_handed_on() {
        for (stream, expected) in [(Stream::Output, ["out 1", "out 2"]), (Stream::Errors, ["err 1", "err 2"])]
        {
            let mut lines = Vec::new();
            let run = sh("for i in 1 2; do echo out $i; echo err $i >&2; done; exit 5");
            run.watched(stream, &[0, 5], |line| lines.push(line.to_owned())).unwrap();
            assert_eq!(lines, expected);
            assert!(run.watched(stream, &[0], |_| {}).is_err());
        }
    }

    #[test]
    fn failures_say_what_and_how() {
        let cases = [
            (sh("echo why >&2; exit 4").text().unwrap_err(), "ended with exit code 4:\nwhy"),
            (sh("kill -9 $$").text().unwrap_err(), "was ended by a signal"),
            (Run::new("no-such-program").text().unwrap_err(), "`no-such-program` cannot be started"),
        ];
        for (error, expected) in cases {
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn tails() {
        assert_eq!(tail("a\nb\nc\n", 2), "b\nc");
        assert_eq!(tail("", 2), "");
    }
}
