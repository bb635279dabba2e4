//! Prints the caller's ARN, by the AWS SDK for Rust and the profile that AWS_PROFILE names.

#[tokio::main]
async fn main() -> Result<(), aws_sdk_sts::Error> {
    let settings = aws_config::load_from_env().await;
    let sts = aws_sdk_sts::Client::new(&settings);
    let answer = sts.get_caller_identity().send().await?;
    println!("{}", answer.arn().unwrap_or_default());
    Ok(())
}
