<?php
// Prints the caller's ARN, by the AWS SDK for PHP and the profile that AWS_PROFILE names.
require __DIR__ . '/vendor/autoload.php';

$region = getenv('AWS_REGION') ?: 'us-east-1';
$sts = new Aws\Sts\StsClient(['version' => 'latest', 'region' => $region]);
echo $sts->getCallerIdentity()['Arn'], PHP_EOL;
