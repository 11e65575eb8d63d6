#[kernel(crate = ::psh)]
pub fn parse(_worker_id: usize, _index: usize, line: &str) -> Result<f64, ParseFloatError> {
    line.parse()
}
