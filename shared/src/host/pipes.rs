//! Which programs are at the ends of which pipe, and what goes through: the daemon's part of [`super::pipe`].

use std::collections::{BTreeMap, VecDeque};

use super::{
    pipe::{Pipe, PipeId},
    switchboard::ProgramId,
};
use crate::limits;

/// All pipes of a daemon.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    pipes: BTreeMap<PipeId, Ends>,
    outputs: VecDeque<(ProgramId, PipeId, Pipe)>,
}

#[derive(Debug)]
struct Ends {
    first: End,
    /// None until somebody else presents the name.
    second: Option<End>,
}

#[derive(Debug)]
struct End {
    program: ProgramId,
    /// What it sent and the other one has not taken.
    untaken: usize,
}

impl End {
    fn of(program: ProgramId) -> Self {
        Self {
            program,
            untaken: 0,
        }
    }
}

impl Ends {
    /// The end of a program, and the other one, if both are there.
    fn seen_from(&mut self, program: ProgramId) -> Option<(&mut End, &mut End)> {
        let second = self.second.as_mut()?;
        if self.first.program == program {
            Some((&mut self.first, second))
        } else if second.program == program {
            Some((second, &mut self.first))
        } else {
            None
        }
    }

    fn programs(&self) -> impl Iterator<Item = ProgramId> {
        let second = self.second.as_ref().map(|end| end.program);
        std::iter::once(self.first.program).chain(second)
    }
}

impl Pipes {
    /// What is to be said next, and to whom.
    pub(super) fn poll(&mut self) -> Option<(ProgramId, PipeId, Pipe)> {
        self.outputs.pop_front()
    }

    /// How many there are, those that wait for their other end among them.
    pub(super) fn len(&self) -> usize {
        self.pipes.len()
    }

    /// A program said something.
    pub(super) fn hear(&mut self, program: ProgramId, pipe: PipeId, what: Pipe) {
        match what {
            Pipe::Open => self.open(program, pipe),
            Pipe::Close => {
                if self.has_end(program, pipe) {
                    self.end(pipe, Some(program));
                }
            }
            Pipe::Frame { .. } | Pipe::Taken { .. } => self.pass(program, pipe, what),
        }
    }

    fn has_end(&self, program: ProgramId, pipe: PipeId) -> bool {
        let ends = self.pipes.get(&pipe);
        ends.is_some_and(|ends| ends.programs().any(|end| end == program))
    }

    fn open(&mut self, program: ProgramId, pipe: PipeId) {
        let held = |ends: &&Ends| ends.programs().any(|end| end == program);
        let full = self.pipes.values().filter(held).count() >= limits::MAX_HOST_PIPES;
        let ends = self.pipes.get_mut(&pipe);
        match ends {
            // Nobody has two ends of one pipe.
            Some(ends) if ends.first.program == program => self.end(pipe, None),
            Some(ends) if ends.second.is_none() && !full => {
                ends.second = Some(End::of(program));
                for program in ends.programs() {
                    self.outputs.push_back((program, pipe, Pipe::Open));
                }
            }
            None if !full => {
                let first = End::of(program);
                self.pipes.insert(
                    pipe,
                    Ends {
                        first,
                        second: None,
                    },
                );
            }
            _ => self.outputs.push_back((program, pipe, Pipe::Close)),
        }
    }

    fn pass(&mut self, program: ProgramId, pipe: PipeId, what: Pipe) {
        let ends = self.pipes.get_mut(&pipe);
        let Some((from, to)) = ends.and_then(|ends| ends.seen_from(program)) else {
            return self.outputs.push_back((program, pipe, Pipe::Close));
        };
        let within = match &what {
            Pipe::Frame { data, .. } => {
                from.untaken += data.cost();
                from.untaken <= limits::PIPE_WINDOW
            }
            // It says nothing, as often as one likes, and costs no window.
            Pipe::Taken { bytes: 0, .. } => false,
            Pipe::Taken { bytes, .. } => match to.untaken.checked_sub(*bytes as usize) {
                Some(left) => {
                    to.untaken = left;
                    true
                }
                None => false,
            },
            Pipe::Open | Pipe::Close => true,
        };
        let to = to.program;
        if within {
            self.outputs.push_back((to, pipe, what));
        } else {
            self.end(pipe, None);
        }
    }

    /// What was to go to a program found no room.
    pub(super) fn overflow(&mut self, pipe: PipeId) {
        self.end(pipe, None);
    }

    /// A program is gone.
    pub(super) fn leave(&mut self, program: ProgramId) {
        let held = |(_, ends): &(&PipeId, &Ends)| ends.programs().any(|end| end == program);
        let held: Vec<PipeId> = self
            .pipes
            .iter()
            .filter(held)
            .map(|(pipe, _)| *pipe)
            .collect();
        for pipe in held {
            self.end(pipe, Some(program));
        }
    }

    /// Ends a pipe; all of its ends hear it but the one that wanted it.
    fn end(&mut self, pipe: PipeId, by: Option<ProgramId>) {
        let Some(ends) = self.pipes.remove(&pipe) else {
            return;
        };
        for program in ends.programs().filter(|program| Some(*program) != by) {
            self.outputs.push_back((program, pipe, Pipe::Close));
        }
    }
}
