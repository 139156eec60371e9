//! Requests are the methods of a store by another name.

use super::{Reply, Request, Store, StoreError};

/// Carries out one request.
pub(super) async fn execute<S>(store: &S, request: Request) -> Result<Reply, StoreError>
where
    S: Store + ?Sized,
{
    Ok(match request {
        Request::LoadDevice => Reply::Device(store.device().await?),
        Request::SaveDevice(device) => store.save_device(&device).await.map(|()| Reply::Done)?,
        Request::LoadChannels => Reply::Channels(store.channels().await?),
        Request::SaveChannel(entry) => store.save_channel(&entry).await.map(|()| Reply::Done)?,
        Request::RemoveChannel(id) => store.remove_channel(id).await.map(|()| Reply::Done)?,
        Request::Append { channel, record } => {
            Reply::Appended(store.append(channel, &record).await?)
        }
        Request::Import { channel, records } => {
            Reply::Positions(store.import(channel, &records).await?)
        }
        Request::Acknowledge {
            channel,
            position,
            holder,
        } => Reply::Held(store.acknowledge(channel, position, holder).await?),
        Request::See { channel, up_to } => store.see(channel, up_to).await.map(|()| Reply::Done)?,
        Request::LoadUnread(channel) => Reply::Positions(store.unread(channel).await?),
        Request::LoadUnsent(channel) => Reply::Page(store.unsent(channel).await?),
        Request::LoadPage {
            channel,
            before,
            limit,
        } => Reply::Page(store.page(channel, before, limit).await?),
        Request::LoadPageFrom {
            channel,
            from,
            limit,
        } => Reply::Page(store.page_from(channel, from, limit).await?),
        Request::LoadPositions {
            channel,
            span,
            limit,
        } => Reply::Positions(store.positions(channel, span, limit).await?),
        Request::LoadRecords { channel, positions } => {
            Reply::Page(store.records(channel, &positions).await?)
        }
        Request::LoadRecalled { channel, positions } => {
            Reply::Page(store.recalled(channel, &positions).await?)
        }
        Request::LoadMissing { channel, positions } => {
            Reply::Positions(store.missing(channel, &positions).await?)
        }
        Request::LoadNth { channel, newer } => {
            let nth = store.nth(channel, newer).await?;
            Reply::Positions(nth.into_iter().collect())
        }
        Request::Count { channel, span } => Reply::Count(store.count(channel, span).await?),
        Request::Discard {
            channel,
            span,
            limit,
        } => Reply::Positions(store.discard(channel, span, limit).await?),
        Request::Keep {
            channel,
            position,
            kept,
        } => {
            let keep = store.keep(channel, position, kept).await;
            keep.map(|()| Reply::Done)?
        }
        Request::LoadKept {
            channel,
            before,
            limit,
        } => Reply::Page(store.kept(channel, before, limit).await?),
        Request::LoadResources => Reply::Resources(store.resources().await?),
        Request::LoadResource(id) => Reply::Resource(store.resource(id).await?),
        Request::SaveResource(entry) => store.save_resource(&entry).await.map(|()| Reply::Done)?,
        Request::RemoveResource(id) => store.remove_resource(id).await.map(|()| Reply::Done)?,
        Request::SaveOutline { resource, outline } => {
            let saved = store.save_outline(resource, &outline).await;
            saved.map(|()| Reply::Done)?
        }
        Request::LoadOutline(id) => Reply::Outline(store.outline(id).await?),
        Request::PutPieces { resource, pieces } => {
            let put = store.put_pieces(resource, &pieces).await;
            put.map(|()| Reply::Done)?
        }
        Request::DropPieces { resource, pieces } => {
            let dropped = store.drop_pieces(resource, &pieces).await;
            dropped.map(|()| Reply::Done)?
        }
        Request::LoadPieces { resource, pieces } => {
            Reply::Pieces(store.pieces(resource, &pieces).await?)
        }
        Request::SaveTracks {
            channel,
            of,
            put,
            gone,
        } => {
            let saved = store.save_tracks(channel, of, &put, &gone).await;
            saved.map(|()| Reply::Done)?
        }
        Request::LoadTracks {
            channel,
            of,
            after,
            limit,
        } => Reply::Tracks(store.tracks(channel, of, after, limit).await?),
        Request::LoadShelves(channel) => Reply::Shelves(store.shelves(channel).await?),
        Request::RemoveShelf { channel, of } => {
            let removed = store.remove_shelf(channel, of).await;
            removed.map(|()| Reply::Done)?
        }
        Request::SaveMusic { what, bytes } => {
            let saved = store.save_music(what, &bytes).await;
            saved.map(|()| Reply::Done)?
        }
        Request::LoadMusic(what) => Reply::Music(store.music(what).await?),
    })
}
