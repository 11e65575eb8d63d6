#[pasha::kernel]
struct Kernel;

#[pasha::kernel]
const N: usize = 3;

trait Kernels {
    #[pasha::kernel]
    fn declared(_worker_id: usize, _index: usize, _value: &f64);
}

fn main() {}
