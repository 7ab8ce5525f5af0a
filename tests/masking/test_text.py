"""What looks like a secret is masked, and what people read is not."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.masking import mask_text
from opsboard.masking import text as masked_text

SECRET = "hunter2"

LEAKS = r'''
GET https://me:hunter2@host/x
postgres://u:hunter2@h
postgres://u:p/hunter2@h:5432/db
https://hunter2@host
amqp://u:p@hunter2@h
jdbc:oracle:thin:scott/hunter2@db
/x?a=1&access_token=hunter2&b=2
Authorization: Bearer hunter2hunter2
Authorization: Basic aHVudGVyMjpodW50ZXIy
curl -H "Authorization: Bearer hunter2hunter2" https://x
curl -u kim:hunter2 https://x
curl --user kim:hunter2 https://x
mysql -phunter2 -u root db
mysqldump --password=hunter2
/usr/bin/mysql -u root -phunter2
sshpass -p hunter2 ssh x
docker login -u kim -p hunter2 reg
redis-cli -a hunter2
train --password hunter2 --epochs 3
train --api-key=hunter2
train --password 'hunter2 x'
train --db-password "hunter2 x"
-password hunter2
java -Dspring.datasource.password=hunter2 -jar x
password=hunter2
PASSWORD: hunter2
"api_key": "hunter2"
{"a":1,"api_key":"hunter2","b":2}
{\"name\":\"DB_PASSWORD\",\"value\":\"hunter2\"}
{"name":"DB_PASSWORD","value":"hunter2"}
Server=x;Database=y;User Id=z;Password=hunter2;Encrypt=true
DefaultEndpointsProtocol=https;AccountName=x;AccountKey=hunter2==;EndpointSuffix=core
Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=hunter2=
https://x.blob.core.windows.net/c?sv=2020&sig=hunter2%3D&se=1
Cookie: session=hunter2; other=hunter2
Set-Cookie: sid=hunter2; Path=/
OPENAI_KEY=hunter2
export TOKENS=hunter2
<password>hunter2</password>
machine x login kim password hunter2
CREATE USER x IDENTIFIED BY 'hunter2'
token = b'hunter2'
the password: hunter2
API key: hunter2
access token = hunter2
{'token': 'hunter2'}
password="hunter2 rest
X-Api-Key: hunter2
Password = hunter2
passwort: hunter2
password := hunter2
password => hunter2
os.environ["DB_PASSWORD"] = "hunter2"
DB_PASSWORD=hunter2 ./run.sh
env DB_PASSWORD=hunter2
-e DB_PASSWORD=hunter2
--set db.password=hunter2
https://hooks.slack.com/services/T0/B0/hunter2
bearer hunter2hunter2abc1
wget --http-password=hunter2
ldapsearch -D cn=x -w hunter2 -b dc
password=a"hunter2
password=a,hunter2
password=a&hunter2
password=a;hunter2
curl --user=kim:hunter2 https://x
curl -ukim:hunter2 https://x
["train","--password","hunter2"]
['train', '--api-key', 'hunter2']
[\"train\",\"--password\",\"hunter2\"]
"passwords": ["hunter2", "other"]
password = """hunter2"""
password: 'it''s hunter2'
password="say ""hunter2"""
to=https%3A%2F%2Fkim%3Ahunter2%40host%2Fx
to=x%26password%3Dhunter2
X-Other: Bearer hunter-of-hunter2
bearer hunter2hunter
ALTER ROLE x PASSWORD "hunter2"
kubectl create secret generic x --from-literal=password=hunter2
//registry.example/:_authToken=hunter2
helm install x --set auth.password=hunter2
psql "host=h user=u password=hunter2 dbname=x"
redis://:hunter2@host:6379/0
mongodb+srv://kim:hunter2@host/db
X-Vault-Token: hunter2
"private_key_id": "hunter2"
{"auths":{"r":{"auth":"hunter2"}}}
aws_secret_access_key = hunter2
redis-server --requirepass hunter2
https%3A%2F%2Fkim%3Ahunter2%40host
root:hunter2@tcp(db:3306)/shop
kim:hunter2@db.example:5432/shop
scott/hunter2@//db:1521/x
ALTER USER scott IDENTIFIED BY hunter2
curl --header=Authorization:Bearer\ hunter2hunter2
--password=a\ hunter2
PASSWORD=${PASSWORD:-hunter2}
ENV DB_PASSWORD Xhunter2
aws configure set aws_secret_access_key Xhunter2
requirepass Xhunter2
secrets: {db: Xhunter2}
'''.strip().splitlines()

READABLE = """
commit 3f2a9c1d4e5b6a7c8d9e0f1a2b3c4d5e6f708192
registry.corp/auth:1.4.2
nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
repo/app:v1@sha256:9f86d081884c7d659a2feaa0c55ad015
123e4567-e89b-12d3-a456-426614174000
basic auth is used
a basic misunderstanding of things
bearer authentication is required
bearer tokens are used
imagePullSecrets: [{"name": "regcred"}]
secrets: 3 found
token expired
password: see vault
Authorization: required
cannot read /run/secrets/token: Permission denied
token = { env = "GITHUB_TOKEN" }
set token = { file = "/run/secrets/token" } in [sources.github]
use --token to log in
mail me@example.com about http://host/a@b
git@github.com:org/repo.git
https://github.com/org/repo/pull/12#issuecomment-1
http://localhost:8080/a@b
--port=80 --max-tokens 4096
serve --auth-mode oidc
sort_key=name
author: kim
MountVolume.SetUp failed for volume "secret" : secret "db" not found
password=$DB_PASSWORD
password: ${{ secrets.DB }}
PWD=/home/kim
pods/web-7d4b9c 2/3 ready
helm upgrade web --set image.tag=1.2.3
psql -p 5432 -U kim
docker run -p 8080:80 nginx
mlflow.source.git.commit=3f2a
12:30:45 INFO started
revision 7 (image auth:1.4.2)
max_tokens: 4096
secretName: db-credentials
key: value
Error: secrets is forbidden: User "kim" cannot list resource "secrets" in API group ""
ssh -p 22 host
cookie: expired
sk-learn-contrib-package-name
run curl -u or mysql -p by hand
the token is read from GITHUB_TOKEN: it is not set
set GITHUB_TOKEN, or token in [sources.github]
log in: gh auth login
it needs scope workflow: gh auth refresh -s workflow
http://h:80/x
key-value store
secret web-7d4b9c not found
npm:react@18
mailto:kim@example.com
secret: {secretName: db}
password: ${DB_PASSWORD}
password: {{ .Values.password }}
password=${DB_PASSWORD} ./run
kim@host:22 started
""".strip().splitlines()

BLOCKS = (
    "password: |\n  hunter2\n  hunter2\nnext: kept",
    "user: kim\npassword: hunter2 hunter2\nnext: kept",
    "- name: DB_PASSWORD\n  value: hunter2\nnext: kept",
    "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\nkept",
    "-----BEGIN OPENSSH PRIVATE KEY----- hunter2 -----END OPENSSH PRIVATE KEY----- kept",
    "DB_PASSWORD=hunter2\nkept=1",
    "passwords:\n  - hunter2\n  - hunter2\nkept: 1",
    "mysql \\\n  --password \\\n  hunter2\nkept",
    "args:\n- --password\n- hunter2\n- kept",
    '--api-key \\\n"api_key": "hunter2"\nkept',
    '--api-key "password" : "hunter2" kept',
    "--token DB_PASSWORD= hunter2 kept",
    "password:\n  hunter2\nkept: 1",
    "<password>\n  hunter2\n</password>kept",
    "\u5bc6\u7801\uff1ahunter2 kept",
    "password\uff1dhunter2 kept",
)

TOKENS = (
    "ghp_0123456789abcdefABCDEF",
    "github_pat_11ABCDEFG0123456789_abcdefghij",
    "glpat-abcdEFGH1234-5678_ij",
    "xoxb-123456789012-abcdefABCDEF",
    "sk-proj-abcdefghijklmnop0123456789",
    "sk_live_0123456789abcdef",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "AIzaSyA-0123456789abcdefghijklmnopqrstu",
    "ya29.a0AfH6SMB-0123456789abc",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAw",
    "dckr_pat_abcdefghijklmnopqrst",
    "hvs.CAESIJabcdefghijklmnop",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz",
    "glsa_abcdefghijklmnopqrstuvwxyz_01234567",
    "dop_v1_0123456789abcdef0123456789abcdef",
    "k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9u",
    "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ",
    "gsk_abcdefghijklmnopqrstuvwxyz012345",
    "nvapi-abcdefghijklmnopqrstuvwxyz",
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1J",
)


@pytest.mark.parametrize("text", [*LEAKS, *BLOCKS])
def test_a_secret_is_masked(text: str) -> None:
    masked = mask_text(text)
    assert SECRET not in masked
    assert "***" in masked
    assert mask_text(masked) == masked
    assert ("kept" in text) == ("kept" in masked)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "pushed {} to it", '"{}"', "x={}", "({})", "a\n{}\nb"])
def test_a_token_is_known_by_its_look(token: str, around: str) -> None:
    masked = mask_text(around.format(token))
    assert masked == around.format("***")


@pytest.mark.parametrize("text", READABLE)
def test_what_people_read_stays(text: str) -> None:
    assert mask_text(text) == text


HOSTILE = (
    "a", "a=", "a:", "://", "://a:", "://a:@", "eyJ", "eyJa", "-", "--a ", "\\", '"', "'", "a.a",
    'password="', "password='", 'password=\\"', "password: |\n ", "bearer ", "basic a", "sk-",
    "SG.", "name:", "name value ", "<password>", "<password ", "</", "cookie:", "&key=", "x@", "$(",
    "-----BEGIN PRIVATE KEY-----", "login a password ", "thin:a/", "password ", "curl -u ",
    'password="""', "password=[", "password:\n - ", "password=''", '"--a","', "%3A%2F%2F", "%3D",
    "password%3D", "mysql -p ", "token ", "${{", "\n", " ", "PASSWORD=a,",
    "password:\n a", "password={a: ", "a:a@", "a/a@//", "\\\n", "- --a\n", "aB1", "${A:-",
    "user a identified by ", "password: {{default ",
)  # fmt: skip


@pytest.mark.parametrize("part", HOSTILE)
def test_time_grows_with_the_text_and_not_faster(part: str) -> None:
    """A pattern that goes back over what it has read would not come to an end here."""
    for more in ("", "bearer -u mysql </ @ password= eyJ login cookie private key "):
        text = more + part * (262_144 // len(part))
        assert isinstance(mask_text(text), str)


PIECES = (*HOSTILE, *LEAKS, *READABLE, *TOKENS)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=4))
def test_a_text_that_is_let_through_after_a_look_holds_nothing_to_mask(pieces: list[str]) -> None:
    """The one look at a text finds whatever the patterns, names and flags would."""
    text = " ".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masked_text, "_suspicious", lambda: re.compile(""))
        thorough = masked_text._masked(text)
    assert masked_text._masked(text) == thorough
