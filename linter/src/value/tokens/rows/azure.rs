//! Azure: keys with a signature and a checksum, the older ones beside their context, signatures of URLs.

use super::group::{AZURE, CHAT};
use crate::value::tokens::{
    checks::{azure, crc, sas},
    row::{Left, Row},
};

const fn signed(id: &'static str, label: &'static str, anchors: &'static [&'static str], pattern: &'static str) -> Row {
    Row::prefix(id, label, AZURE, anchors, pattern).left(Left::Base64).entropy(4.0).check(azure::identifiable_row)
}

pub static ROWS: &[Row] = &[
    signed("T10", "Azure storage account key", &["+ASt"], r"([A-Za-z0-9+/]{76}\+ASt[A-Za-z0-9+/]{5}[AQgw]==)").back(76),
    signed("T17", "Cosmos DB key", &["ACDb"], r"([A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{5}[AQgw]==)").back(76),
    signed("T18", "Azure Batch key", &["+ABa"], r"([A-Za-z0-9+/]{76}\+ABa[A-Za-z0-9+/]{5}[AQgw]==)").back(76),
    signed("T18", "Azure Machine Learning key", &["+AMC"], r"([A-Za-z0-9+/]{76}\+AMC[A-Za-z0-9+/]{5}[AQgw]==)").back(76),
    signed("T18", "API Management key", &["APIM"], r"([A-Za-z0-9+/]{76}APIM[A-Za-z0-9+/]{5}[AQgw]==)").back(76),
    signed("T16", "Event Hubs key", &["+AEh"], r"([A-Za-z0-9+/]{33}\+AEh[A-P][A-Za-z0-9+/]{5}=)").back(33),
    signed("T16", "Service Bus key", &["+ASb"], r"([A-Za-z0-9+/]{33}\+ASb[A-P][A-Za-z0-9+/]{5}=)").back(33),
    signed("T16", "Azure Relay key", &["+ARm"], r"([A-Za-z0-9+/]{33}\+ARm[A-P][A-Za-z0-9+/]{5}=)").back(33),
    signed("T18", "Azure Cache for Redis key", &["AzCa"], r"([A-Za-z0-9+/]{33}AzCa[A-Za-z0-9+/]{6}=)").back(33),
    signed("T18", "IoT Hub key", &["AIoT"], r"([A-Za-z0-9+/]{33}AIoT[A-Za-z0-9+/]{6}=)").back(33),
    signed("T18", "Event Grid key", &["AZEG"], r"([A-Za-z0-9+/]{33}AZEG[A-Za-z0-9+/]{6}=)").back(33),
    signed("T18", "container registry key", &["+ACR"], r"([A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9+/]{6})(?:[^A-Za-z0-9+/]|$)")
        .back(42),
    signed("T18", "Azure AI Search key", &["AzSe"], r"([A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6})(?:[^A-Za-z0-9+/]|$)")
        .back(42),
    signed("T18", "Azure Functions key", &["AzFu"], r"([A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==)").back(44),
    Row::prefix(
        "T15",
        "Azure key",
        AZURE,
        &["JQQJ9"],
        r"([A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][A-Za-z0-9]{16}[A-Za-z][A-Za-z0-9]{7}(?:[A-Za-z0-9]{2}==)?)(?:[^A-Za-z0-9]|$)",
    )
    .back(52)
    .entropy(3.0)
    .check(azure::annotated),
    Row::prefix(
        "T13",
        "Entra client secret",
        AZURE,
        &["8Q~", "7Q~"],
        r"([A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34})(?:[^A-Za-z0-9_~.-]|$)",
    )
    .back(3)
    .left(Left::Unreserved)
    .check(azure::entra),
    Row::near(
        "T11",
        "Azure storage account key",
        AZURE,
        &["accountkey", "account.key", "account_key", "account-key", "storagekey", "storage_key", "storage-key"],
        r"(?:^|[^A-Za-z0-9+/])([A-Za-z0-9+/]{86}==)(?:[^=]|$)",
    )
    .within(0, 300)
    .sure()
    .entropy(4.0)
    .check(azure::account_key),
    Row::near(
        "T17",
        "Cosmos DB key",
        AZURE,
        &["documents.azure.com"],
        r"(?:^|[^A-Za-z0-9+/])([A-Za-z0-9+/]{86}==)(?:[^=]|$)",
    )
    .within(300, 400)
    .sure()
    .entropy(4.0)
    .check(azure::bytes_64),
    Row::near(
        "T16",
        "Service Bus or Event Hubs key",
        AZURE,
        &[".servicebus.windows.net"],
        r"(?:^|[^A-Za-z0-9+/])([A-Za-z0-9+/]{43}=)(?:[^=]|$)",
    )
    .within(300, 400)
    .sure()
    .entropy(4.0)
    .check(azure::bytes_32),
    Row::near(
        "T18",
        "IoT Hub key",
        AZURE,
        &[".azure-devices.net"],
        r"(?:^|[^A-Za-z0-9+/])([A-Za-z0-9+/]{43}=)(?:[^=]|$)",
    )
    .within(300, 400)
    .sure()
    .entropy(4.0)
    .check(azure::bytes_32),
    Row::near(
        "T29",
        "workflow trigger URL",
        CHAT,
        &[".logic.azure.com", ".powerplatform.com", ".powerautomate.com", ".flow.microsoft.com"],
        r#"(?i)\.(?:com)(?::443)?/[^\s"'<>`]{10,400}(?:[?&;]|\\u0026)sig=([A-Za-z0-9_%-]{40,60})"#,
    )
    .within(0, 700)
    .sure()
    .entropy(3.5),
    Row::near(
        "T12",
        "shared access signature",
        AZURE,
        &["sig="],
        r"(?i)(?:^|[^a-z0-9_])(?:amp;|u0026)?sig=([0-9a-z/+%]{43,129}(?:=|%3d))",
    )
    .within(8, 150)
    .sure()
    .entropy(3.5)
    .check(sas::check),
    Row::near(
        "T14",
        "Azure DevOps token",
        AZURE,
        &["dev.azure.com", "visualstudio.com", "azure_devops", "azuredevops", "azure devops", "system_accesstoken"],
        r"(?:^|[^A-Za-z0-9])([a-z2-7]{52})(?:[^A-Za-z0-9]|$)",
    )
    .within(300, 400)
    .entropy(3.5)
    .check(crc::devops_row),
];
