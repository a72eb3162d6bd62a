// Log files for the pages that the browser is shown: what testdata has not, for it is too much or too ugly.
//
// Comes in: a folder. Goes out: CloudTrail files in it, always the same. Never: chance or the clock.

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ACCOUNT = "123456789012";
const MIB = 1 << 20;

const hex = (text) => createHash("sha256").update(text).digest("hex");
const uuid = (text) => hex(text).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
const digest = (text) => `sha256:${hex(text)}`;
const time = (seconds) => new Date(Date.UTC(2026, 2, 17, 9) + seconds * 1000).toISOString().replace(".000", "");

/** A log in the making: records, each as CloudTrail writes it. */
class Log {
  records = [];

  call(seconds, who, eventName, { request = null, response = null, error, ...more }) {
    const id = `${this.records.length} ${eventName}`;
    this.records.push({
      eventVersion: "1.11",
      userIdentity: {
        type: "AssumedRole", principalId: `AROAEXAMPLE:${who}`, accountId: ACCOUNT, accessKeyId: "ASIAEXAMPLE",
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/${who}`,
        sessionContext: { attributes: { creationDate: time(-600), mfaAuthenticated: "false" } },
      },
      eventTime: time(seconds), eventSource: "ecr.amazonaws.com", eventName, awsRegion: "eu-central-1",
      sourceIPAddress: "ecr.amazonaws.com", userAgent: "ecr.amazonaws.com",
      ...(error && { errorCode: error[0], errorMessage: error[1] }),
      requestParameters: request, responseElements: error ? null : response,
      requestID: uuid(`request ${id}`), eventID: uuid(`event ${id}`),
      eventType: "AwsApiCall", managementEvent: true, recipientAccountId: ACCOUNT, eventCategory: "Management",
      ...more,
    });
  }

  /** Another service's record, so that the log goes on. */
  noise(seconds) {
    this.call(seconds, "worker", "DescribeInstances", { eventSource: "ec2.amazonaws.com" });
  }

  login(seconds, who, userAgent = "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0", sourceIPAddress = "203.0.113.7") {
    this.call(seconds, who, "GetAuthorizationToken", { sourceIPAddress, userAgent });
  }

  /** One layer, in parts of the seconds given. */
  upload(who, repositoryName, name, seconds, parts, bytes = 5 * MIB, error = undefined) {
    const uploadId = uuid(`upload ${name}`);
    const about = { registryId: ACCOUNT, repositoryName, uploadId };
    const [first, last] = seconds;
    this.call(first, who, "InitiateLayerUpload", {
      request: { registryId: ACCOUNT, repositoryName }, response: { uploadId, partSize: 20 * MIB },
    });
    for (let part = 0; part < parts; part++) {
      const [partFirstByte, partLastByte] = [part * bytes, (part + 1) * bytes - 1];
      this.call(first + Math.floor(((last - first) * (part + 1)) / (parts + 1)), who, "UploadLayerPart", {
        request: { ...about, partFirstByte, partLastByte }, response: { ...about, lastByteReceived: partLastByte },
      });
    }
    this.call(last, who, "CompleteLayerUpload", {
      request: { ...about, layerDigests: [digest(name)] }, response: { ...about, layerDigest: digest(name) }, error,
    });
    return { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digest(name), size: parts * bytes };
  }

  put(seconds, who, repositoryName, imageTag, layers, error = undefined) {
    const config = { mediaType: "application/vnd.oci.image.config.v1+json", size: 5 * MIB, digest: layers[0].digest };
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: layers.slice(1) });
    const request = { registryId: ACCOUNT, repositoryName, imageManifest, imageManifestMediaType: mediaType, imageTag };
    const imageId = { imageDigest: digest(imageManifest), imageTag };
    this.call(seconds, who, "PutImage", {
      request, response: { image: { registryId: ACCOUNT, repositoryName, imageId, imageManifest } }, error,
    });
  }

  write(folder) {
    mkdirSync(folder, { recursive: true });
    const name = `${ACCOUNT}_CloudTrail_eu-central-1_20260317T0905Z_browsertests0000.json`;
    writeFileSync(join(folder, name), JSON.stringify({ Records: this.records }));
  }
}

/** Two hundred layers, five at a time, and a manifest. */
export function huge(folder) {
  const log = new Log();
  log.login(-5, "build-1");
  const layers = [];
  for (let n = 0; n < 200; n++) {
    const begin = Math.floor(n / 5) * 3 + (n % 5);
    layers.push(log.upload("build-1", "team/huge", `huge ${n}`, [begin, begin + 2 + (n % 4)], 1 + (n % 3)));
  }
  log.put(130, "build-1", "team/huge", "v200", layers);
  log.noise(-3600);
  log.noise(7200);
  log.write(folder);
}

/** An upload, three quarters of an hour of silence, and the rest. */
export function pause(folder) {
  const log = new Log();
  log.login(-3000, "build-2");
  const layers = [log.upload("build-2", "team/slow", "slow 0", [0, 3], 1), log.upload("build-2", "team/slow", "slow 1", [1, 2760], 1)];
  layers.push(log.upload("build-2", "team/slow", "slow 2", [2755, 2764], 2));
  log.put(2765, "build-2", "team/slow", "v2", layers);
  log.noise(-7200);
  log.noise(9000);
  log.write(folder);
}

/** What an attacker can write into a log by calls: all of it has to stay text. */
export const HOSTILE = [
  "<script>document.title='owned'</script>",
  "\"><img src=x onerror=\"document.title='owned'\">",
  "' onmouseover='document.title=1",
  "</title></style></script></noscript></textarea><svg onload=\"document.title='owned'\">",
  "<!-- --><style>*{display:none}</style>",
  "javascript:document.title='owned'",
  "&lt;b&gt;&amp;&#60;script&#62;",
  "\u202egnp.exe\u2066\u200b\u2028\u00ad",
  "\u0000\u0007\u001b[31mred\u007f\u0085\u009b",
  "=cmd|' /C calc'!A0",
  "very long ".repeat(10_000),
  "x".repeat(100_000),
  "שלום/عربي:v1",
];

/** A push for each ugly text, which stands wherever a caller can put text. */
export function hostile(folder) {
  const log = new Log();
  HOSTILE.forEach((text, n) => {
    const [begin, who] = [n * 60, `${n} ${text}`];
    log.login(begin - 5, who, text, text);
    const layers = [0, 1].map((layer) => log.upload(who, text, `hostile ${n} ${layer}`, [begin, begin + 3], 2));
    log.put(begin + 4, who, text, text, layers, n % 3 === 0 ? [text, text] : undefined);
    if (n % 3 === 0) log.upload(who, text, `hostile ${n} 3`, [begin + 5, begin + 6], 1, 5 * MIB, [text, text]);
  });
  log.noise(-7200);
  log.noise(90_000);
  log.write(folder);
}

/** So many pushes that a page draws them on demand. */
export function many(folder, pushes = 240) {
  const log = new Log();
  for (let n = 0; n < pushes; n++) {
    const [begin, who, repository] = [n * 1800, `build-${n}`, `team/app-${n % 7}`];
    log.login(begin - 5, who);
    const layers = [0, 1].map((layer) => log.upload(who, repository, `many ${n} ${layer}`, [begin, begin + 3], 1 + (n % 2)));
    if (n % 20 !== 3) log.put(begin + 4, who, repository, `v${n}`, layers);
  }
  log.noise(-7200);
  log.noise(pushes * 1800 + 7200);
  log.write(folder);
}
