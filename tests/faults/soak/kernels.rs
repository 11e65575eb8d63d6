//! The kernels of the soak. Each writes a row; some gather besides, before the row, so that what a dead worker leaves is half done.

use super::stage::stage;

#[pasha::kernel]
pub(super) fn write(_worker_id: usize, index: usize, _item: usize, #[out] row: &mut [u64]) -> Result<(), String> {
    stage().perform(index, row)
}

#[pasha::kernel]
pub(super) fn write_run(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out(ranges)] run: &mut [u64],
) -> Result<(), String> {
    stage().perform(index, run)
}

#[pasha::kernel]
pub(super) fn count(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] row: &mut [u64],
    #[per_worker] seen: &mut [u64],
) -> Result<(), String> {
    seen[index] += 1;
    stage().perform(index, row)
}

#[pasha::kernel]
pub(super) fn reduce(
    _worker_id: usize,
    index: usize,
    _item: usize,
    #[out] row: &mut [u64],
    #[reduce(sum)] seen: &mut [u64],
    #[reduce(max)] last: &mut u64,
) -> Result<(), String> {
    seen[index] += 1;
    *last = (*last).max(index as u64 + 1);
    stage().perform(index, row)
}
