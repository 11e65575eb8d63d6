#[pasha::kernel]
async fn waits(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
unsafe fn dangerous(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
extern "C" fn foreign(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
#[target_feature(enable = "avx2")]
fn wide(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

#[pasha::kernel]
#[pasha::kernel]
fn twice(_worker_id: usize, _index: usize, _value: &f64, #[out] _sum: &mut f64) {}

fn main() {}
