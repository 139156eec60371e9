//! Machines on which several devices are programs that meet at the daemon of a native host.

use std::{collections::BTreeMap, time::Duration};

use super::{DeviceId, Happening, Sim, network::Courier};
use crate::{
    entropy::Entropy,
    host::{FromHost, PairingOutput, ProgramId, Switchboard, ToHost},
};

/// One machine of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MachineId(pub usize);

#[derive(Default)]
pub(super) struct Machine {
    devices: Vec<DeviceId>,
    /// None while no daemon runs.
    daemon: Option<Switchboard>,
    /// Who speaks to the daemon that runs.
    programs: BTreeMap<ProgramId, DeviceId>,
}

impl Sim {
    /// Puts devices on one machine, whose daemon runs.
    pub fn add_machine(&mut self, devices: &[DeviceId]) -> MachineId {
        let machine = MachineId(self.machines.len());
        self.machines.push(Machine {
            devices: devices.to_vec(),
            ..Machine::default()
        });
        for device in devices {
            self.devices[device.0].machine = Some(machine);
        }
        self.set_daemon_up(machine, true);
        machine
    }

    /// Ends or starts a machine's daemon. Its own device is another matter: [`Sim::crash`], [`Sim::restart`].
    pub fn set_daemon_up(&mut self, machine: MachineId, up: bool) {
        let of = &mut self.machines[machine.0];
        of.programs.clear();
        let entropy = Entropy::from_seed(self.entropy.bytes());
        of.daemon = up.then(|| Switchboard::new(entropy));
        for device in of.devices.clone() {
            self.devices[device.0].program = None;
            self.devices[device.0].pairing.went();
            self.drain_pairing(device);
            self.attach(device);
        }
    }

    /// How many sockets a machine's daemon has, and how many pipes.
    pub fn daemon_load(&self, machine: MachineId) -> (usize, usize) {
        let daemon = self.machines[machine.0].daemon.as_ref();
        daemon.map_or((0, 0), Switchboard::load)
    }

    /// A device comes to its machine's daemon, if there is one.
    pub(super) fn attach(&mut self, device: DeviceId) {
        let Some(machine) = self.devices[device.0].machine else {
            return;
        };
        let of = &mut self.machines[machine.0];
        if of.daemon.is_none() {
            return;
        }
        self.last_program += 1;
        let program = ProgramId(self.last_program);
        of.programs.insert(program, device);
        self.devices[device.0].program = Some(program);
        self.devices[device.0].pairing.came();
        self.drain_pairing(device);
    }

    /// A device's present run is gone from its machine's daemon.
    pub(super) fn detach(&mut self, device: DeviceId) {
        let of = &mut self.devices[device.0];
        if let (Some(machine), Some(program)) = (of.machine, of.program.take()) {
            let of = &mut self.machines[machine.0];
            of.programs.remove(&program);
            if let Some(daemon) = &mut of.daemon {
                daemon.leave(program);
            }
            self.drain_daemon(machine);
        }
    }

    /// Carries out what a device's pairing wants.
    pub(super) fn drain_pairing(&mut self, id: DeviceId) {
        while let Some(output) = self.devices[id.0].pairing.poll() {
            match output {
                PairingOutput::Tell(input) => self.deliver(id, input, Duration::ZERO),
                PairingOutput::Say(said) => {
                    let of = &self.devices[id.0];
                    if let (Some(machine), Some(program)) = (of.machine, of.program) {
                        let after = self.travel(Courier::ToDaemon(program));
                        let said = Happening::Said {
                            machine,
                            program,
                            said,
                        };
                        self.schedule(after, said);
                    }
                }
            }
        }
    }

    pub(super) fn said(&mut self, machine: MachineId, program: ProgramId, said: ToHost) {
        // As on the wire.
        let read = ToHost::read(&said.write());
        assert_eq!(read.as_ref(), Ok(&said));
        let (now, of) = (self.now, &mut self.machines[machine.0]);
        if let Some(daemon) = &mut of.daemon
            && of.programs.contains_key(&program)
        {
            daemon.hear(now, program, said);
        }
        self.drain_daemon(machine);
    }

    fn drain_daemon(&mut self, machine: MachineId) {
        loop {
            let of = &mut self.machines[machine.0];
            let Some((program, message)) = of.daemon.as_mut().and_then(Switchboard::poll) else {
                return;
            };
            let Some(&device) = of.programs.get(&program) else {
                continue;
            };
            let after = self.travel(Courier::FromDaemon(program));
            let heard = Happening::Heard {
                device,
                program,
                message,
            };
            self.schedule(after, heard);
        }
    }

    pub(super) fn heard(&mut self, device: DeviceId, program: ProgramId, message: FromHost) {
        if self.devices[device.0].program == Some(program) {
            self.devices[device.0].pairing.hear(message);
            self.drain_pairing(device);
        }
    }
}
