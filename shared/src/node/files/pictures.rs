//! Pictures that come without being asked for: few at a time, and not for ever, since any member can make them come.

use super::{Files, file::File};
use crate::{
    channel::ChannelId,
    entropy::Entropy,
    limits,
    resource::{
        Descriptor, ResourceId,
        media_type::{Shown, shown_as},
    },
    seeding::Standing,
    time::Millis,
};

/// Whether a file is got without being asked for.
fn is_small_picture(file: &Descriptor) -> bool {
    let small = 1..=limits::AUTO_FETCH_BYTES;
    small.contains(&file.length) && shown_as(&file.media_type) == Some(Shown::Picture)
}

/// What a picture counts.
fn charge(file: &Descriptor) -> u64 {
    file.length.max(limits::MIN_PIECE_BYTES)
}

impl File {
    /// Whether it may have come with a message, as a picture that every device gets.
    pub(super) fn is_picture(&self) -> bool {
        is_small_picture(&self.entry.descriptor)
    }

    /// Takes a picture of the last run for one that nobody asked for: nothing tells. What is here of it stays.
    pub(super) fn resume_picture(&mut self, now: Millis) {
        self.automatic = !self.entry.paused && is_small_picture(&self.entry.descriptor);
        let by_itself = self.automatic || self.entry.automatic.is_some();
        if by_itself && self.have.count() == 0 {
            self.given_up_at = Some(now + limits::AUTO_FETCH_PATIENCE);
        }
    }

    /// The member wants it: it is a file like any other.
    pub(super) fn asked_for(&mut self) {
        self.automatic = false;
        self.given_up_at = None;
    }

    /// Something of it came.
    pub(super) fn picture_came(&mut self, now: Millis, whole: bool) {
        if self.given_up_at.is_some() {
            // What is here of a longer file is worth waiting for the rest.
            let more = !whole && self.automatic;
            self.given_up_at = more.then(|| now + limits::AUTO_FETCH_PATIENCE);
        }
    }
}

impl Files {
    /// A message has a file: if it is a small picture, it is got, as long as there is room for such.
    pub(in crate::node) fn want_picture(
        &mut self,
        now: Millis,
        channel: ChannelId,
        descriptor: &Descriptor,
        offered: Millis,
        entropy: &mut Entropy,
    ) {
        let id = descriptor.id;
        // Nobody hears by a message of theirs what is here from elsewhere.
        let known = self.files.contains_key(&id) || self.sought.contains_key(&id);
        if known || !is_small_picture(descriptor) || descriptor.check().is_err() {
            return;
        }
        let (mut under_way, mut bytes) = (0, charge(descriptor));
        let automatic = self.files.values().filter(|file| file.automatic);
        for file in automatic.filter(|file| file.entry.channels.contains(&channel)) {
            under_way += usize::from(file.given_up_at.is_some());
            bytes += charge(&file.entry.descriptor);
        }
        // Others can still be asked for.
        let room = under_way < limits::AUTO_FETCHES && bytes <= limits::AUTO_FETCH_TOTAL_BYTES;
        let standing = Standing::Offered(offered);
        if room && self.has_room(id, descriptor.length, standing).is_ok() {
            self.want(now, channel, descriptor.clone(), Some(offered), entropy);
            if let Some(file) = self.files.get_mut(&id) {
                file.automatic = true;
                file.given_up_at = Some(now + limits::AUTO_FETCH_PATIENCE);
            }
            self.seek(id);
        }
    }

    /// Forgets what nobody asked for and of which nothing comes; whether it did.
    pub(super) fn give_up_picture(&mut self, now: Millis, id: ResourceId) -> bool {
        let given_up = |file: &File| file.given_up_at.is_some_and(|at| at <= now);
        let given_up = self.files.get(&id).is_some_and(given_up);
        if given_up {
            self.offer_again(now, id);
            self.drop_file(id);
        }
        given_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Have, Md5};

    fn picture(number: u32) -> Descriptor {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        Descriptor {
            id: ResourceId(id),
            length: limits::AUTO_FETCH_BYTES,
            md5: Md5([0; 16]),
            name: "cat.png".into(),
            media_type: "image/png".into(),
        }
    }

    #[test]
    fn the_pictures_of_a_channel_have_so_much_room_and_no_more() {
        let now = Millis(1_000_000);
        let mut files = Files::default();
        let entropy = &mut Entropy::from_seed([1; 32]);
        let here = ChannelId([1; 32]);
        let most = limits::AUTO_FETCH_TOTAL_BYTES / limits::AUTO_FETCH_BYTES;
        for number in 0..100 {
            files.want_picture(now, here, &picture(number), now, entropy);
            for file in files.files.values_mut() {
                file.have = Have::all(file.entry.descriptor.length);
                file.picture_came(now, true);
            }
        }
        assert_eq!(files.files.len() as u64, most);
        // Another channel has its own.
        files.want_picture(now, ChannelId([2; 32]), &picture(1000), now, entropy);
        assert!(files.files.contains_key(&picture(1000).id));
        // What the member asks for does not count.
        let asked = files.want_file(now, here, picture(0).id, None, entropy);
        assert_eq!(asked, Ok(()));
        files.want_picture(now, here, &picture(2000), now, entropy);
        assert!(files.files.contains_key(&picture(2000).id));
    }
}
