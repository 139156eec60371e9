//! The files of resources: their names, and the few that are open.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

use catnest::resource::ResourceId;

use super::recent::Recent;

/// Files that stay open. As many resources are read or written at a time at most, or nearly: each more costs one call
/// to open a file again, each that is open a handle of the process.
const OPEN_FILES: usize = 16;

/// The folder of the files.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    open: Recent<File, OPEN_FILES>,
}

impl Files {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        make_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            open: Recent::default(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a path, from the root, is of a file here.
    pub(super) fn is_inside(&self, path: &Path) -> bool {
        fs::canonicalize(&self.folder).is_ok_and(|folder| path.starts_with(folder))
    }

    /// The name of a file that is complete.
    pub(super) fn whole(&self, id: ResourceId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// The name of one that is not.
    pub(super) fn part(&self, id: ResourceId) -> PathBuf {
        self.folder.join(format!("{id}.part"))
    }

    /// The file of a resource under whichever name it has. After a rename that failed it has its old name until the
    /// store is opened anew.
    pub(super) fn find(&self, id: ResourceId) -> io::Result<Option<Rc<File>>> {
        let open = |path| OpenOptions::new().read(true).write(true).open(path);
        self.cached(id, || match open(self.whole(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => open(self.part(id)),
            result => result,
        })
    }

    /// A file elsewhere that is this resource. It is only read.
    pub(super) fn find_at(&self, id: ResourceId, path: &Path) -> io::Result<Option<Rc<File>>> {
        self.cached(id, || File::open(path))
    }

    /// The file of a resource, made if there is none.
    pub(super) fn make(&self, id: ResourceId) -> io::Result<Rc<File>> {
        if let Some(file) = self.find(id)? {
            return Ok(file);
        }
        let file = open_private(&self.part(id))?;
        // What is in a file is lost with its name.
        sync_folder(&self.folder)?;
        Ok(self.open.keep(id, file))
    }

    /// The file is complete: it gets the name of such.
    pub(super) fn finish(&self, id: ResourceId) -> io::Result<()> {
        rename(&self.part(id), &self.whole(id))
    }

    /// The file is complete no more.
    pub(super) fn resume(&self, id: ResourceId) -> io::Result<()> {
        rename(&self.whole(id), &self.part(id))
    }

    /// Removes the file of a resource, whichever name it has.
    pub(super) fn remove(&self, id: ResourceId) -> io::Result<()> {
        self.close(id);
        remove_if_there(&self.whole(id))?;
        remove_if_there(&self.part(id))
    }

    /// The file of a resource is another one from now on, or something went wrong with it.
    pub(super) fn close(&self, id: ResourceId) {
        self.open.forget(id);
    }

    /// The resources that have a file here. What has no name of ours is left alone.
    pub(super) fn list(&self) -> io::Result<Vec<ResourceId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            let stem = name.strip_suffix(".part").unwrap_or(&name);
            ids.extend(stem.parse::<ResourceId>());
        }
        Ok(ids)
    }

    fn cached(
        &self,
        id: ResourceId,
        open: impl FnOnce() -> io::Result<File>,
    ) -> io::Result<Option<Rc<File>>> {
        if let Some(file) = self.open.find(id) {
            return Ok(Some(file));
        }
        match open() {
            Ok(file) => Ok(Some(self.open.keep(id, file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The length of a file; none if it is not there.
pub(super) fn length(path: &Path) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Renames a file, if it has not got its new name yet.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.exists() => Ok(()),
        result => result,
    }
}

/// Removes a file, if it is there.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Makes a folder for the user alone, with those above it, unless it is there.
///
/// # Errors
/// When there can be none.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options of a file that, if it is made, is for the user alone.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens a file with what is in it, or makes one for the user alone.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    private().create(true).truncate(false).open(path)
}

/// Makes durable which files a folder has. Elsewhere than on Unix that is the file system's own business.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Fills a buffer with what is at an offset of a file.
#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

/// Writes at an offset of a file.
#[cfg(unix)]
pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

/// Fills a buffer with what is at an offset of a file, whose place for reading moves: nobody else uses it.
#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
    io::Read::read_exact(&mut file, bytes)
}

/// Writes at an offset of a file, whose place for writing moves: nobody else uses it.
#[cfg(not(unix))]
pub(super) fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
    io::Write::write_all(&mut file, bytes)
}
