#[pasha::kernel]
fn misspelt(_worker_id: usize, _index: usize, _value: &f64, #[output] _sum: &mut f64) {}

#[pasha::kernel]
fn of_another(_worker_id: usize, _index: usize, _value: &f64, #[serde(skip)] _sum: &mut f64) {}

#[pasha::kernel]
fn unknown_option(_worker_id: usize, _index: usize, _value: &f64, #[out(axes = 1)] _sum: &mut f64) {}

#[pasha::kernel]
fn option_where_none_is(_worker_id: usize, _index: usize, _value: &f64, #[per_worker(axis = 1)] _sum: &mut f64) {}

#[pasha::kernel]
fn param_with_option(_worker_id: usize, _index: usize, _value: &f64, #[param(copy)] _gain: f64) {}

#[pasha::kernel]
fn written_as_value(_worker_id: usize, _index: usize, _value: &f64, #[out = 1] _sum: &mut f64) {}

#[pasha::kernel(parallel)]
fn option_of_the_kernel(_worker_id: usize, _index: usize, _value: &f64) {}

#[pasha::kernel(crate = "psh")]
fn crate_in_quotes(_worker_id: usize, _index: usize, _value: &f64) {}

fn main() {}
