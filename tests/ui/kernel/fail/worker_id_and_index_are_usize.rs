#[pasha::kernel]
fn narrow_worker(_worker_id: u32, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn signed_index(_worker_id: usize, _index: i64, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn no_index(_worker_id: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
fn neither(_value: &f64, #[out] _sum: &mut f64) {}

struct Id(usize);

#[pasha::kernel]
fn own_type(_worker_id: Id, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

fn main() {}
